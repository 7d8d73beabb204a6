package awssigner

import (
	"context"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/signer"
	"github.com/notaryproject/notation-plugin-framework-go/plugin"
)

const (
	scheme                = "notary.x509.signingAuthority"
	profileVersionAttr    = "com.amazonaws.signer.signingProfileVersion"
	jobAttr               = "com.amazonaws.signer.signingJob"
	platform              = "Notation-OCI-SHA384-ECDSA"
	profileResourcePrefix = "/signing-profiles/"
)

// VerifySignature compares the publisher with the trusted identities and asks for revocations, as
// far as the request wants either.
func (p *Plugin) VerifySignature(
	ctx context.Context, req *plugin.VerifySignatureRequest,
) (*plugin.VerifySignatureResponse, error) {
	signed := req.Signature.CriticalAttributes
	if !strings.EqualFold(signed.SigningScheme, scheme) {
		return nil, plugin.NewValidationErrorf("signing scheme %q is not supported", signed.SigningScheme)
	}
	if signed.AuthenticSigningTime == nil || signed.AuthenticSigningTime.IsZero() {
		return nil, plugin.NewValidationError("the authentic signing time is missing")
	}
	profileVersion, err := attribute(req, profileVersionAttr)
	if err != nil {
		return nil, err
	}
	results := map[plugin.Capability]*plugin.VerificationResult{}
	for _, wanted := range req.TrustPolicy.SignatureVerification {
		switch wanted {
		case plugin.CapabilityTrustedIdentityVerifier:
			results[wanted], err = checkIdentity(req.TrustPolicy.TrustedIdentities, profileVersion)
		case plugin.CapabilityRevocationCheckVerifier:
			results[wanted], err = p.checkRevocation(ctx, req, profileVersion)
		default:
			err = plugin.NewValidationErrorf("capability %q is not supported", wanted)
		}
		if err != nil {
			return nil, err
		}
	}
	return &plugin.VerifySignatureResponse{
		VerificationResults: results,
		ProcessedAttributes: []any{profileVersionAttr, jobAttr},
	}, nil
}

func attribute(req *plugin.VerifySignatureRequest, name string) (string, error) {
	value, ok := req.Signature.CriticalAttributes.ExtendedAttributes[name].(string)
	if !ok {
		return "", plugin.NewValidationErrorf("attribute %q is missing, or is no string", name)
	}
	return value, nil
}

func checkIdentity(identities []string, profileVersion string) (*plugin.VerificationResult, error) {
	profile := profileVersion
	if cut := strings.LastIndex(profileVersion, "/"); cut >= 0 {
		profile = profileVersion[:cut]
	}
	for _, identity := range identities {
		if identity == "*" {
			return nil, plugin.NewValidationError("every publisher (*) cannot be a trusted identity")
		}
	}
	for _, identity := range identities {
		named, err := arn.Parse(identity)
		if err != nil || named.Service != "signer" || !strings.HasPrefix(named.Resource, profileResourcePrefix) {
			continue
		}
		wanted := map[int]string{3: profile, 4: profileVersion}[len(strings.Split(named.Resource, "/"))]
		if wanted != "" && strings.EqualFold(identity, wanted) {
			return &plugin.VerificationResult{Success: true, Reason: "trusted as " + identity}, nil
		}
	}
	return &plugin.VerificationResult{Reason: profileVersion + " is no trusted identity"}, nil
}

func (p *Plugin) checkRevocation(
	ctx context.Context, req *plugin.VerifySignatureRequest, profileVersion string,
) (*plugin.VerificationResult, error) {
	job, err := attribute(req, jobAttr)
	if err != nil {
		return nil, err
	}
	hashes, err := certificateHashes(req.Signature.CertificateChain)
	if err != nil {
		return nil, plugin.NewValidationError(err.Error())
	}
	client, err := p.NewClient(ctx, req.PluginConfig)
	if err != nil {
		return nil, plugin.NewGenericError(err.Error())
	}
	status, err := client.GetRevocationStatus(ctx, &signer.GetRevocationStatusInput{
		CertificateHashes:  hashes,
		JobArn:             aws.String(job),
		PlatformId:         aws.String(platform),
		ProfileVersionArn:  aws.String(profileVersion),
		SignatureTimestamp: req.Signature.CriticalAttributes.AuthenticSigningTime,
	})
	if err != nil {
		return &plugin.VerificationResult{Reason: "no revocation status: " + err.Error()}, nil
	}
	if len(status.RevokedEntities) > 0 {
		return &plugin.VerificationResult{
			Reason: fmt.Sprintf("revoked: %s", strings.Join(status.RevokedEntities, ", ")),
		}, nil
	}
	return &plugin.VerificationResult{Success: true, Reason: "not revoked"}, nil
}

// certificateHashes pairs the digest of each certificate with that of its issuer, the root's with
// itself.
func certificateHashes(chain [][]byte) ([]string, error) {
	digests := make([]string, len(chain))
	for i, der := range chain {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		digest := sha512.Sum384(certificate.RawTBSCertificate)
		digests[i] = hex.EncodeToString(digest[:])
	}
	hashes := make([]string, len(chain))
	for i, own := range digests {
		hashes[i] = own + digests[min(i+1, len(digests)-1)]
	}
	return hashes, nil
}
