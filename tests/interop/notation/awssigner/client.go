package awssigner

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/signer"
)

// Client is the part of AWS's client that a plugin needs.
type Client interface {
	SignPayload(context.Context, *signer.SignPayloadInput, ...func(*signer.Options)) (
		*signer.SignPayloadOutput, error)
	GetRevocationStatus(context.Context, *signer.GetRevocationStatusInput, ...func(*signer.Options)) (
		*signer.GetRevocationStatusOutput, error)
}

// FromConfig makes AWS's own client out of the environment and the plugin's configuration, whose
// keys are those of AWS's plugin.
func FromConfig(ctx context.Context, pluginConfig map[string]string) (Client, error) {
	var options []func(*config.LoadOptions) error
	if region := pluginConfig["aws-region"]; region != "" {
		options = append(options, config.WithRegion(region))
	}
	if profile := pluginConfig["aws-profile"]; profile != "" {
		options = append(options, config.WithSharedConfigProfile(profile))
	}
	settings, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, err
	}
	return signer.NewFromConfig(settings, func(client *signer.Options) {
		if endpoint := pluginConfig["aws-signer-endpoint-url"]; endpoint != "" {
			client.BaseEndpoint = aws.String(endpoint)
		}
	}), nil
}

type nothingRevoked struct{ Client }

// NothingRevoked makes a client that calls nobody and knows of no revocation.
func NothingRevoked(context.Context, map[string]string) (Client, error) {
	return nothingRevoked{}, nil
}

func (nothingRevoked) GetRevocationStatus(
	context.Context, *signer.GetRevocationStatusInput, ...func(*signer.Options),
) (*signer.GetRevocationStatusOutput, error) {
	return &signer.GetRevocationStatusOutput{}, nil
}
