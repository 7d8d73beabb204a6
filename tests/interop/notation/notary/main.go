// Command notary lets a test ask the Notary Project's own Go code about signatures.
//
// It reads one JSON request a line on standard input and answers each with one JSON line, until
// the input ends: one process judges hundreds of envelopes.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
)

// request is all that a test may say; each kind uses its part.
type request struct {
	// "judge", "sign" or "verify"
	Kind string `json:"kind"`

	Envelope []byte   `json:"envelope"`
	Roots    string   `json:"roots"`    // PEM
	Artifact artifact `json:"artifact"` // what is said to be signed
	// trusted identities of the trust policy, and its level ("strict", "permissive", ...)
	Identities []string `json:"identities"`
	Level      string   `json:"level"`

	// the plugin's executable; without one a judge has a plugin that never calls anybody
	Plugin       string            `json:"plugin"`
	PluginConfig map[string]string `json:"pluginConfig"`
	KeyID        string            `json:"keyId"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	decoder := json.NewDecoder(in)
	for decoder.More() {
		var req request
		if err := decoder.Decode(&req); err != nil {
			fmt.Fprintln(os.Stderr, "not a request:", err)
			os.Exit(2)
		}
		if err := out.Encode(answer(context.Background(), &req)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
}

func answer(ctx context.Context, req *request) (reply any) {
	defer func() {
		// a panic of the code under test is a finding, not the end of the run
		if cause := recover(); cause != nil {
			reply = map[string]string{"panic": fmt.Sprint(cause)}
		}
	}()
	switch req.Kind {
	case "judge":
		return judge(ctx, req)
	case "sign":
		return sign(ctx, req)
	case "verify":
		return verify(ctx, req, plugins{path: req.Plugin})
	default:
		return map[string]string{"panic": "unknown kind of request: " + req.Kind}
	}
}
