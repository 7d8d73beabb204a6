package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/notaryproject/notation-core-go/signature/jws"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/plugin"
	"github.com/notaryproject/notation-go/signer"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"signer-mock.test/interop/notation/awssigner"
)

type artifact struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations"`
}

func (a artifact) descriptor() ocispec.Descriptor {
	return ocispec.Descriptor{
		MediaType: a.MediaType, Digest: digest.Digest(a.Digest), Size: a.Size, Annotations: a.Annotations,
	}
}

// signing is the outcome of a sign request.
type signing struct {
	Envelope    []byte            `json:"envelope"`
	Annotations map[string]string `json:"annotations"` // the service's metadata
	Error       string            `json:"error"`
}

// sign has notation-go sign with the plugin, as `notation sign --id KEYID` does.
func sign(ctx context.Context, req *request) *signing {
	awsPlugin, err := plugins{path: req.Plugin}.Get(ctx, awssigner.Name)
	if err != nil {
		return &signing{Error: err.Error()}
	}
	byPlugin, err := signer.NewPluginSigner(awsPlugin, req.KeyID, req.PluginConfig)
	if err != nil {
		return &signing{Error: err.Error()}
	}
	options := notation.SignerSignOptions{SignatureMediaType: jws.MediaTypeEnvelope}
	envelope, _, err := byPlugin.Sign(ctx, req.Artifact.descriptor(), options)
	return &signing{Envelope: envelope, Annotations: byPlugin.PluginAnnotations(), Error: text(err)}
}

// verification is the outcome of a verify request.
type verification struct {
	Verified bool     `json:"verified"`
	Checks   []result `json:"checks"` // those made, in their order
	Error    string   `json:"error"`
}

type result struct {
	Check  string `json:"check"`  // integrity, authenticity, authenticTimestamp, expiry, revocation
	Action string `json:"action"` // enforce, log, skip
	Error  string `json:"error"`
}

// verify has notation-go verify, as `notation verify` does.
func verify(ctx context.Context, req *request, found plugins) *verification {
	level := req.Level
	if level == "" {
		level = "strict"
	}
	policy := &trustpolicy.Document{Version: "1.0", TrustPolicies: []trustpolicy.TrustPolicy{{
		Name:                  "test",
		RegistryScopes:        []string{"*"},
		SignatureVerification: trustpolicy.SignatureVerification{VerificationLevel: level},
		TrustStores:           []string{string(truststore.TypeSigningAuthority) + ":test"},
		TrustedIdentities:     req.Identities,
	}}}
	judge, err := verifier.New(policy, trustStore(req.Roots), found)
	if err != nil {
		return &verification{Error: err.Error()}
	}
	descriptor := req.Artifact.descriptor()
	outcome, err := judge.Verify(ctx, descriptor, req.Envelope, notation.VerifierVerifyOptions{
		ArtifactReference:  "local/app@" + descriptor.Digest.String(),
		SignatureMediaType: jws.MediaTypeEnvelope,
		PluginConfig:       req.PluginConfig,
	})
	said := &verification{Verified: err == nil, Error: text(err)}
	if outcome != nil {
		for _, check := range outcome.VerificationResults {
			said.Checks = append(said.Checks, result{string(check.Type), string(check.Action), text(check.Error)})
		}
	}
	return said
}

// trustStore holds PEM certificates as the signing authorities that are trusted.
type trustStore string

func (s trustStore) GetCertificates(_ context.Context, kind truststore.Type, _ string) ([]*x509.Certificate, error) {
	if kind != truststore.TypeSigningAuthority {
		return nil, fmt.Errorf("this test has no trust store of type %q", kind)
	}
	return parseRoots(string(s))
}

// plugins is a plugin manager of one plugin: an executable, or code in this process.
type plugins struct {
	path      string
	inProcess plugin.Plugin
}

func (p plugins) Get(ctx context.Context, name string) (plugin.Plugin, error) {
	switch {
	case name != awssigner.Name:
		return nil, fmt.Errorf("plugin %q is not installed", name)
	case p.inProcess != nil:
		return p.inProcess, nil
	case p.path != "":
		return plugin.NewCLIPlugin(ctx, name, p.path)
	default:
		return nil, errors.New("the request names no plugin executable")
	}
}

func (p plugins) List(context.Context) ([]string, error) {
	return []string{awssigner.Name}, nil
}
