// Usage: makezips TREE OUT - makes archives of TREE in the ways that programs in Go do.
package main

import (
	"archive/zip"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func makeZip(tree, path string, fill func(*zip.Writer, string, []byte)) {
	file, err := os.Create(path)
	check(err)
	archive := zip.NewWriter(file)
	check(filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		check(err)
		if entry.Type().IsRegular() {
			name, err := filepath.Rel(tree, path)
			check(err)
			body, err := os.ReadFile(path)
			check(err)
			fill(archive, filepath.ToSlash(name), body)
		}
		return nil
	}))
	check(archive.Close())
	check(file.Close())
}

func write(writer io.Writer, err error, body []byte) {
	check(err)
	_, err = writer.Write(body)
	check(err)
}

func main() {
	tree, out := os.Args[1], os.Args[2]
	target := func(name string) string { return filepath.Join(out, name+".zip") }
	makeZip(tree, target("Go"), func(archive *zip.Writer, name string, body []byte) {
		writer, err := archive.Create(name)
		write(writer, err, body)
	})
	makeZip(tree, target("Go stored"), func(archive *zip.Writer, name string, body []byte) {
		writer, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		write(writer, err, body)
	})
	// As terraform's archive provider and AWS's build-lambda-zip do it.
	makeZip(tree, target("Go build-lambda-zip"), func(archive *zip.Writer, name string, body []byte) {
		writer, err := archive.CreateHeader(&zip.FileHeader{
			CreatorVersion: 3 << 8, ExternalAttrs: 0777 << 16,
			Name: strings.ReplaceAll(name, "/", "\\"), Method: zip.Deflate,
		})
		write(writer, err, body)
		link, err := archive.CreateHeader(&zip.FileHeader{
			CreatorVersion: 3 << 8, ExternalAttrs: 0120777 << 16,
			Name: "link to " + name, Method: zip.Deflate,
		})
		write(link, err, []byte(name))
	})
	makeZip(tree, target("Go raw"), func(archive *zip.Writer, name string, body []byte) {
		writer, err := archive.CreateRaw(&zip.FileHeader{
			Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(body),
			CompressedSize64: uint64(len(body)), UncompressedSize64: uint64(len(body)),
		})
		write(writer, err, body)
	})
	makeZip(tree, target("Go with an offset"), func(archive *zip.Writer, name string, body []byte) {
		writer, err := archive.Create(name)
		write(writer, err, body)
		check(archive.SetComment("a comment"))
	})
	file, err := os.Create(target("Go AddFS"))
	check(err)
	archive := zip.NewWriter(file)
	check(archive.AddFS(os.DirFS(filepath.Join(tree, "lib"))))
	check(archive.Close())
	check(file.Close())
	file, err = os.Create(target("Go after a prefix"))
	check(err)
	prefix := "#!/bin/sh\nexit\n"
	write(file, nil, []byte(prefix))
	archive = zip.NewWriter(file)
	archive.SetOffset(int64(len(prefix)))
	writer, err := archive.Create("app.py")
	write(writer, err, []byte("print(1)"))
	check(archive.Close())
	check(file.Close())
}
