// Package awssigner stands in for AWS's Notation plugin where that one is not installed: the same
// name, capabilities, calls and rules, written anew, in words of its own.
package awssigner

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/signer"
	"github.com/aws/smithy-go"
	"github.com/notaryproject/notation-plugin-framework-go/plugin"
)

// Name is the plugin's name, which every envelope of AWS Signer names.
const Name = "com.amazonaws.signer.notation.plugin"

const envelopeType = "application/jose+json"

// Plugin signs with SignPayload and verifies with GetRevocationStatus.
type Plugin struct {
	NewClient func(ctx context.Context, pluginConfig map[string]string) (Client, error)
}

// GetMetadata says what the plugin can do.
func (p *Plugin) GetMetadata(context.Context, *plugin.GetMetadataRequest) (*plugin.GetMetadataResponse, error) {
	return &plugin.GetMetadataResponse{
		Name:                      Name,
		Description:               "Stand-in for AWS Signer's plugin, for signer_mock's tests",
		Version:                   "1.0.350", // minimum versions in envelopes are compared with it
		URL:                       "https://docs.aws.amazon.com/signer",
		SupportedContractVersions: []string{plugin.ContractVersion},
		Capabilities: []plugin.Capability{
			plugin.CapabilityEnvelopeGenerator,
			plugin.CapabilityTrustedIdentityVerifier,
			plugin.CapabilityRevocationCheckVerifier,
		},
	}, nil
}

// DescribeKey is not among the capabilities.
func (p *Plugin) DescribeKey(context.Context, *plugin.DescribeKeyRequest) (*plugin.DescribeKeyResponse, error) {
	return nil, plugin.NewUnsupportedError("DescribeKey")
}

// GenerateSignature is not among the capabilities.
func (p *Plugin) GenerateSignature(
	context.Context, *plugin.GenerateSignatureRequest,
) (*plugin.GenerateSignatureResponse, error) {
	return nil, plugin.NewUnsupportedError("GenerateSignature")
}

// GenerateEnvelope has AWS Signer sign the payload with the profile that the key id names.
func (p *Plugin) GenerateEnvelope(
	ctx context.Context, req *plugin.GenerateEnvelopeRequest,
) (*plugin.GenerateEnvelopeResponse, error) {
	if req.ExpiryDurationInSeconds != 0 {
		return nil, plugin.NewValidationError("the signing profile says when a signature expires")
	}
	if req.SignatureEnvelopeType != envelopeType {
		return nil, plugin.NewValidationErrorf("envelope type %q is not supported", req.SignatureEnvelopeType)
	}
	profile, err := arn.Parse(req.KeyID)
	if err != nil {
		return nil, plugin.NewValidationErrorf("key id %q is no ARN", req.KeyID)
	}
	resource := strings.Split(profile.Resource, "/")
	if len(resource) != 3 {
		return nil, plugin.NewValidationErrorf("key id %q is no ARN of a signing profile", req.KeyID)
	}
	client, err := p.NewClient(ctx, req.PluginConfig)
	if err != nil {
		return nil, plugin.NewGenericError(err.Error())
	}
	signed, err := client.SignPayload(ctx, &signer.SignPayloadInput{
		Payload:       req.Payload,
		PayloadFormat: aws.String(req.PayloadType),
		ProfileName:   aws.String(resource[2]),
		ProfileOwner:  aws.String(profile.AccountID),
	})
	if err != nil {
		return nil, pluginError(err)
	}
	return &plugin.GenerateEnvelopeResponse{
		SignatureEnvelope:     signed.Signature,
		SignatureEnvelopeType: req.SignatureEnvelopeType,
		Annotations:           signed.Metadata,
	}, nil
}

func pluginError(err error) error {
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		return plugin.NewGenericError(err.Error())
	}
	code := plugin.ErrorCodeGeneric
	switch refused.ErrorCode() {
	case "ValidationException", "BadRequestException", "NotFoundException", "ResourceNotFoundException":
		code = plugin.ErrorCodeValidation
	case "ThrottlingException":
		code = plugin.ErrorCodeThrottled
	case "AccessDeniedException":
		code = plugin.ErrorCodeAccessDenied
	}
	return plugin.NewError(code, refused.ErrorCode()+": "+refused.ErrorMessage())
}
