package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/registry"
)

const repository = "local/app"

// serve pushes an OCI layout to a registry of this process, which it starts, and names an image there.
//
// The registry takes manifests whose layers are missing, as those of an exported layout are.
func serve(layout, tag string) (string, error) {
	server := httptest.NewServer(registry.New(
		registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))))
	var index struct {
		Manifests []struct {
			MediaType   string            `json:"mediaType"`
			Digest      string            `json:"digest"`
			Annotations map[string]string `json:"annotations"`
		} `json:"manifests"`
	}
	listed, err := os.ReadFile(filepath.Join(layout, "index.json"))
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(listed, &index); err != nil {
		return "", err
	}
	base := server.URL + "/v2/" + repository
	blobs := filepath.Join(layout, "blobs", "sha256")
	files, err := os.ReadDir(blobs)
	if err != nil {
		return "", err
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(blobs, file.Name()))
		if err != nil {
			return "", err
		}
		target := base + "/blobs/uploads/?digest=" + url.QueryEscape("sha256:"+file.Name())
		if err := send(http.MethodPost, target, "application/octet-stream", content); err != nil {
			return "", err
		}
	}
	for _, manifest := range index.Manifests {
		content, err := os.ReadFile(filepath.Join(blobs, strings.TrimPrefix(manifest.Digest, "sha256:")))
		if err != nil {
			return "", err
		}
		for _, reference := range []string{manifest.Digest, manifest.Annotations["org.opencontainers.image.ref.name"]} {
			if reference == "" {
				continue
			}
			if err := send(http.MethodPut, base+"/manifests/"+reference, manifest.MediaType, content); err != nil {
				return "", err
			}
		}
	}
	return strings.TrimPrefix(server.URL, "http://") + "/" + repository + ":" + tag, nil
}

func send(method, target, mediaType string, content []byte) error {
	call, err := http.NewRequest(method, target, bytes.NewReader(content))
	if err != nil {
		return err
	}
	call.Header.Set("Content-Type", mediaType)
	answered, err := http.DefaultClient.Do(call)
	if err != nil {
		return err
	}
	defer answered.Body.Close()
	if answered.StatusCode != http.StatusCreated {
		said, _ := io.ReadAll(answered.Body)
		return fmt.Errorf("%s %s: %s %s", method, target, answered.Status, said)
	}
	return nil
}
