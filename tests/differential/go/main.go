// Reads paths of zip archives from standard input and prints what archive/zip reads in each:
// a line of `name:body` pairs, the name in hex, the body's SHA-256 or `!` where it cannot be read.
package main

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strings"
)

func body(file *zip.File) string {
	reader, err := file.Open()
	if err != nil {
		return "!"
	}
	defer reader.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, reader); err != nil {
		return "!"
	}
	return fmt.Sprintf("%x", digest.Sum(nil))
}

func read(path string) string {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return "ERROR " + strings.ReplaceAll(err.Error(), "\n", " ")
	}
	defer archive.Close()
	parts := []string{}
	for _, file := range archive.File {
		parts = append(parts, fmt.Sprintf("%x:%s", file.Name, body(file)))
	}
	return strings.Join(parts, " ")
}

func main() {
	paths := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for paths.Scan() {
		fmt.Fprintln(out, read(paths.Text()))
	}
}
