// Usage: node make.js TREE OUT - makes an archive of TREE with each library and option.
"use strict";
const fs = require("fs");
const path = require("path");
const { pipeline } = require("stream/promises");

const [tree, out] = process.argv.slice(2);
const names = fs
  .readdirSync(tree, { recursive: true })
  .map((name) => name.split(path.sep).join("/"))
  .sort();
const isDirectory = (name) => fs.statSync(path.join(tree, name)).isDirectory();
const files = names.filter((name) => !isDirectory(name));
const body = (name) => fs.readFileSync(path.join(tree, name));
const target = (name) => path.join(out, `${name}.zip`);

async function archiver(name, options) {
  const archive = require("archiver")("zip", options);
  archive.directory(tree, false);
  archive.append("from a string", { name: "string.txt" });
  archive.append(fs.createReadStream(path.join(tree, files[0])), { name: "stream.txt" });
  archive.append(null, { name: "made/" });
  archive.finalize();
  await pipeline(archive, fs.createWriteStream(target(name)));
}

async function yazl(name, options, end) {
  const archive = new (require("yazl").ZipFile)();
  for (const one of files) archive.addFile(path.join(tree, one), one, options);
  archive.addBuffer(Buffer.from("buffer"), "buffer.txt", options);
  archive.addReadStream(fs.createReadStream(path.join(tree, files[0])), "stream.txt", options);
  archive.addEmptyDirectory("made");
  archive.end(end);
  await pipeline(archive.outputStream, fs.createWriteStream(target(name)));
}

async function jszip(name, options) {
  const archive = new (require("jszip"))();
  for (const one of files) archive.file(one, body(one));
  archive.folder("made");
  fs.writeFileSync(target(name), await archive.generateAsync({ type: "nodebuffer", ...options }));
}

async function main() {
  await archiver("archiver", {});
  await archiver("archiver level 9", { zlib: { level: 9 } });
  await archiver("archiver store", { store: true });
  await archiver("archiver zip64", { forceZip64: true });
  await archiver("archiver comment", { comment: "a comment", namePrependSlash: false });
  await yazl("yazl", {});
  await yazl("yazl stored", { compress: false });
  await yazl("yazl zip64", { forceZip64Format: true }, { forceZip64Format: true });
  await yazl("yazl comment", { mtime: new Date(0) }, { comment: "a comment" });
  await jszip("jszip", {});
  await jszip("jszip deflate", { compression: "DEFLATE" });
  await jszip("jszip streamed", { compression: "DEFLATE", streamFiles: true });
  await jszip("jszip streamed store", { streamFiles: true });
  await jszip("jszip unix", { platform: "UNIX", comment: "a comment" });
  const { zipSync, Zip, ZipDeflate, ZipPassThrough } = require("fflate");
  const whole = Object.fromEntries(files.map((one) => [one, new Uint8Array(body(one))]));
  fs.writeFileSync(target("fflate"), zipSync(whole));
  fs.writeFileSync(target("fflate store"), zipSync(whole, { level: 0 }));
  for (const [name, kind] of [["fflate streamed", ZipDeflate], ["fflate streamed store", ZipPassThrough]]) {
    const chunks = [];
    const archive = new Zip((error, chunk) => chunks.push(chunk));
    for (const one of files) {
      const entry = new kind(one);
      archive.add(entry);
      entry.push(new Uint8Array(body(one)), true);
    }
    archive.end();
    fs.writeFileSync(target(name), Buffer.concat(chunks));
  }
  const adm = new (require("adm-zip"))();
  for (const one of files) adm.addFile(one, body(one));
  adm.addFile("made/", Buffer.alloc(0));
  adm.writeZip(target("adm-zip"));
  const zipjs = await import("@zip.js/zip.js");
  zipjs.configure({ useWebWorkers: false });
  for (const [name, options] of Object.entries({
    "zip.js": {},
    "zip.js store": { level: 0 },
    "zip.js zip64": { zip64: true },
    "zip.js descriptors": { dataDescriptor: true, dataDescriptorSignature: true },
    "zip.js bare descriptors": { dataDescriptor: true, dataDescriptorSignature: false },
    "zip.js seekable": { dataDescriptor: false, extendedTimestamp: false },
  })) {
    const archive = new zipjs.ZipWriter(new zipjs.Uint8ArrayWriter(), options);
    for (const one of files) await archive.add(one, new zipjs.Uint8ArrayReader(new Uint8Array(body(one))));
    await archive.add("made/", null, { directory: true });
    fs.writeFileSync(target(name), await archive.close());
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
