// Command admission asks what checks images in a cluster about an image: Ratify and Kyverno.
//
// It reads one JSON request on standard input, serves the OCI layout that it names as a registry on
// a free port of 127.0.0.1, and writes one JSON answer.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/kyverno/kyverno/pkg/image/verifiers"
	"github.com/kyverno/kyverno/pkg/image/verifiers/cpol/notary"
)

type request struct {
	Layout string `json:"layout"` // the folder of an OCI layout
	Tag    string `json:"tag"`    // of the image in it
	Asked  string `json:"asked"`  // "ratify" or "kyverno"

	// Ratify's custom resources, as YAML documents, and the folder of its plugins
	Manifests     string `json:"manifests"`
	RatifyPlugins string `json:"ratifyPlugins"`

	Certificates string `json:"certificates"` // that Kyverno's policy names, in PEM
}

type answer struct {
	Admitted bool   `json:"admitted"`
	Said     string `json:"said"` // why not, or what the verifiers report
}

func main() {
	var asked request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fail("not a request", err)
	}
	image, err := serve(asked.Layout, asked.Tag)
	if err != nil {
		fail("the layout cannot be served", err)
	}
	ctx := context.Background()
	var said answer
	switch asked.Asked {
	case "ratify":
		said, err = askRatify(ctx, &asked, image)
	case "kyverno":
		said = askKyverno(ctx, &asked, image)
	default:
		err = fmt.Errorf("nobody is called %q", asked.Asked)
	}
	if err != nil {
		fail("no answer", err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		fail("no answer", err)
	}
}

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(2)
}

// askKyverno asks what a rule of type Notary asks, with the certificates of its attestor.
func askKyverno(ctx context.Context, asked *request, image string) answer {
	_, err := notary.NewVerifier().VerifySignature(ctx, verifiers.Options{
		ImageRef: image,
		Client:   plainHTTP{},
		Cert:     asked.Certificates,
	})
	if err != nil {
		return answer{Said: err.Error()}
	}
	return answer{Admitted: true}
}

// plainHTTP is a client for a registry without TLS.
type plainHTTP struct{}

func (plainHTTP) NameOptions() []name.Option { return []name.Option{name.Insecure} }

func (c plainHTTP) Options(ctx context.Context) ([]remote.Option, []name.Option, error) {
	return []remote.Option{remote.WithContext(ctx)}, c.NameOptions(), nil
}
