package main

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/notaryproject/notation-core-go/signature"
	"github.com/notaryproject/notation-core-go/signature/jws"
	nx509 "github.com/notaryproject/notation-core-go/x509"

	"signer-mock.test/interop/notation/awssigner"
)

// judgement is what notation-core-go says of an envelope, and then what notation-go says.
type judgement struct {
	Accepted bool   `json:"accepted"` // by ParseEnvelope and Verify
	Class    string `json:"class"`    // of the refusal: "signature", "chain" or "format"
	Type     string `json:"type"`     // of the refusal: the Go type of the error
	Error    string `json:"error"`

	Content *content `json:"content,omitempty"` // if accepted
	// errors, "" for none; asked only of accepted envelopes
	AuthenticTime string `json:"authenticTime"` // AuthenticSigningTime
	ChainInTime   string `json:"chainInTime"`   // ValidateCodeSigningCertChain at that time
	Anchored      string `json:"anchored"`      // VerifyAuthenticity

	// notation-go's verifier, level strict, with a plugin that knows of no revocation
	Verified *verification `json:"verified"`
}

// content is what an accepted envelope says.
type content struct {
	Payload      []byte          `json:"payload"`
	ContentType  string          `json:"contentType"`
	Scheme       string          `json:"scheme"`
	SigningTime  time.Time       `json:"signingTime"`
	Expiry       *time.Time      `json:"expiry"`     // null if it never expires
	Attributes   map[string]bool `json:"attributes"` // extended ones: name -> critical?
	Certificates [][]byte        `json:"certificates"`
}

func judge(ctx context.Context, req *request) *judgement {
	said := &judgement{}
	envelope, err := signature.ParseEnvelope(jws.MediaTypeEnvelope, req.Envelope)
	var accepted *signature.EnvelopeContent
	if err == nil {
		accepted, err = envelope.Verify()
	}
	if err != nil {
		said.Class, said.Type, said.Error = classOf(err), fmt.Sprintf("%T", err), err.Error()
	} else {
		said.Accepted = true
		said.Content = contentOf(accepted)
		judgeTrust(said, accepted, req.Roots)
	}
	quiet := &awssigner.Plugin{NewClient: awssigner.NothingRevoked}
	said.Verified = verify(ctx, req, plugins{inProcess: quiet})
	return said
}

func judgeTrust(said *judgement, accepted *signature.EnvelopeContent, pemRoots string) {
	info := &accepted.SignerInfo
	at, err := info.AuthenticSigningTime()
	said.AuthenticTime = text(err)
	if err == nil {
		said.ChainInTime = text(nx509.ValidateCodeSigningCertChain(info.CertificateChain, &at))
	}
	roots, err := parseRoots(pemRoots)
	if err == nil {
		_, err = signature.VerifyAuthenticity(info, roots)
	}
	said.Anchored = text(err)
}

// classOf tells what was wrong: the signature does not fit, the chain breaks a rule, or the
// envelope is not of its format.
func classOf(err error) string {
	for _, start := range []string{"certificate-chain is invalid", "malformed leaf certificate", "x509: "} {
		if strings.HasPrefix(err.Error(), start) {
			return "chain"
		}
	}
	var unfit *jwt.ValidationError
	var corrupt base64.CorruptInputError
	if errors.As(err, &unfit) && unfit.Errors&jwt.ValidationErrorSignatureInvalid != 0 &&
		unfit.Inner != nil && !errors.As(unfit.Inner, &corrupt) {
		return "signature"
	}
	return "format"
}

func contentOf(accepted *signature.EnvelopeContent) *content {
	info := accepted.SignerInfo
	says := &content{
		Payload:     accepted.Payload.Content,
		ContentType: accepted.Payload.ContentType,
		Scheme:      string(info.SignedAttributes.SigningScheme),
		SigningTime: info.SignedAttributes.SigningTime.UTC(),
		Attributes:  map[string]bool{},
	}
	if expiry := info.SignedAttributes.Expiry; !expiry.IsZero() {
		expiry = expiry.UTC()
		says.Expiry = &expiry
	}
	for _, attribute := range info.SignedAttributes.ExtendedAttributes {
		says.Attributes[fmt.Sprint(attribute.Key)] = attribute.Critical
	}
	for _, certificate := range info.CertificateChain {
		says.Certificates = append(says.Certificates, certificate.Raw)
	}
	return says
}

func parseRoots(text string) ([]*x509.Certificate, error) {
	var roots []*x509.Certificate
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return roots, nil
		}
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		roots = append(roots, root)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
