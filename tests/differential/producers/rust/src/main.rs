//! Usage: makezips TREE OUT - makes archives of TREE with the zip crate.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (tree, out) = (Path::new(&arguments[1]), Path::new(&arguments[2]));
    let mut found = Vec::new();
    files(tree, &mut found);
    found.sort();
    let plain = SimpleFileOptions::default();
    let stored = plain.compression_method(CompressionMethod::Stored);
    let deflated = plain.compression_method(CompressionMethod::Deflated);
    for (name, options) in [
        ("zip crate", deflated),
        ("zip crate stored", stored),
        ("zip crate large", deflated.large_file(true)),
        ("zip crate unix", deflated.unix_permissions(0o755)),
        ("zip crate aligned", stored.with_alignment(4096)),
    ] {
        let mut archive = ZipWriter::new(File::create(out.join(format!("{name}.zip"))).unwrap());
        for path in &found {
            let entry = path.strip_prefix(tree).unwrap().to_str().unwrap();
            archive.start_file(entry, options).unwrap();
            archive.write_all(&fs::read(path).unwrap()).unwrap();
        }
        archive.add_directory("made/", plain).unwrap();
        archive.add_symlink("another link", "app.py", plain).unwrap();
        archive.set_comment("a comment");
        archive.finish().unwrap();
    }
    let file = File::create(out.join("zip crate streamed.zip")).unwrap();
    let mut archive = ZipWriter::new_stream(file);
    for path in &found {
        let entry = path.strip_prefix(tree).unwrap().to_str().unwrap();
        archive.start_file(entry, deflated).unwrap();
        archive.write_all(&fs::read(path).unwrap()).unwrap();
    }
    archive.finish().unwrap();
}
