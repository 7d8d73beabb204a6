// Terraform makes the calls that Terraform's AWS provider makes for a signed Lambda function, in the
// provider's order and with the errors that it would show. Steps come as arguments; each prints a
// line of JSON.
//
//	terraform BUCKET ROLE KEY@VERSION... : the first package is signed and deployed, the second is
//	signed and updated to; each further one is deployed as it is.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/signer"
	signertypes "github.com/aws/aws-sdk-go-v2/service/signer/types"
)

type provider struct {
	lambda *lambda.Client
	signer *signer.Client
	bucket string
	role   string
}

const name = "web"

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	p := provider{lambda.NewFromConfig(settings), signer.NewFromConfig(settings), os.Args[1], os.Args[2]}
	if err := p.apply(ctx, os.Args[3:]); err != nil {
		log.Fatal(err)
	}
}

func tell(step string, facts map[string]any) {
	facts["step"] = step
	if err := json.NewEncoder(os.Stdout).Encode(facts); err != nil {
		log.Fatal(err)
	}
}

func (p provider) apply(ctx context.Context, packages []string) error {
	version, err := p.signingProfile(ctx)
	if err != nil {
		return err
	}
	arn, err := p.codeSigningConfig(ctx, version)
	if err != nil {
		return err
	}
	key, err := p.signingJob(ctx, packages[0])
	if err != nil {
		return err
	}
	if err := p.createFunction(ctx, key, arn); err != nil {
		return err
	}
	key, err = p.signingJob(ctx, packages[1])
	if err != nil {
		return err
	}
	if err := p.updateFunction(ctx, key, ""); err != nil {
		return err
	}
	for _, refused := range packages[2:] {
		key, version, _ := strings.Cut(refused, "@")
		err := p.updateFunction(ctx, key, version)
		tell("refused", shown(err))
	}
	return p.destroy(ctx, arn)
}

// What Terraform prints of an error, and which of Lambda's exceptions it is.
func shown(err error) map[string]any {
	var invalid *lambdatypes.InvalidCodeSignatureException
	var failed *lambdatypes.CodeVerificationFailedException
	return map[string]any{
		"error":                           fmt.Sprint(err),
		"InvalidCodeSignatureException":   errors.As(err, &invalid),
		"CodeVerificationFailedException": errors.As(err, &failed),
	}
}

// aws_signer_signing_profile
func (p provider) signingProfile(ctx context.Context) (*string, error) {
	put, err := p.signer.PutSigningProfile(ctx, &signer.PutSigningProfileInput{
		ProfileName: aws.String("release"),
		PlatformId:  aws.String("AWSLambda-SHA384-ECDSA"),
		Tags:        map[string]string{},
	})
	if err != nil {
		return nil, fmt.Errorf("creating Signer Signing Profile (release): %w", err)
	}
	read, err := p.signer.GetSigningProfile(ctx, &signer.GetSigningProfileInput{
		ProfileName: aws.String("release"),
	})
	if err != nil {
		return nil, fmt.Errorf("reading Signer Signing Profile (release): %w", err)
	}
	tell("aws_signer_signing_profile", map[string]any{
		"status": read.Status, "same": *put.ProfileVersionArn == *read.ProfileVersionArn,
	})
	return read.ProfileVersionArn, nil
}

// aws_lambda_code_signing_config
func (p provider) codeSigningConfig(ctx context.Context, version *string) (*string, error) {
	created, err := p.lambda.CreateCodeSigningConfig(ctx, &lambda.CreateCodeSigningConfigInput{
		AllowedPublishers: &lambdatypes.AllowedPublishers{
			SigningProfileVersionArns: []string{*version},
		},
		CodeSigningPolicies: &lambdatypes.CodeSigningPolicies{
			UntrustedArtifactOnDeployment: lambdatypes.CodeSigningPolicyEnforce,
		},
		Description: aws.String(""),
		Tags:        map[string]string{"team": "a"},
	})
	if err != nil {
		return nil, fmt.Errorf("creating Lambda Code Signing Config: %w", err)
	}
	arn := created.CodeSigningConfig.CodeSigningConfigArn
	read, err := p.lambda.GetCodeSigningConfig(ctx, &lambda.GetCodeSigningConfigInput{
		CodeSigningConfigArn: arn,
	})
	if err != nil {
		return nil, fmt.Errorf("reading Lambda Code Signing Config (%s): %w", *arn, err)
	}
	tags, err := p.lambda.ListTags(ctx, &lambda.ListTagsInput{Resource: arn})
	if err != nil {
		return nil, fmt.Errorf("listing tags for Lambda Code Signing Config (%s): %w", *arn, err)
	}
	policy := read.CodeSigningConfig.CodeSigningPolicies.UntrustedArtifactOnDeployment
	tell("aws_lambda_code_signing_config", map[string]any{"policy": policy, "tags": tags.Tags})
	return arn, nil
}

// aws_signer_signing_job
func (p provider) signingJob(ctx context.Context, source string) (string, error) {
	key, version, _ := strings.Cut(source, "@")
	started, err := p.signer.StartSigningJob(ctx, &signer.StartSigningJobInput{
		ProfileName: aws.String("release"),
		Source: &signertypes.Source{S3: &signertypes.S3Source{
			BucketName: &p.bucket, Key: &key, Version: &version,
		}},
		Destination: &signertypes.Destination{S3: &signertypes.S3Destination{
			BucketName: &p.bucket, Prefix: aws.String("signed/"),
		}},
	})
	if err != nil {
		return "", fmt.Errorf("creating Signer Signing Job: %w", err)
	}
	described := &signer.DescribeSigningJobInput{JobId: started.JobId}
	waiter := signer.NewSuccessfulSigningJobWaiter(p.signer)
	if err := waiter.Wait(ctx, described, time.Minute); err != nil {
		return "", fmt.Errorf("waiting for Signer Signing Job (%s): %w", *started.JobId, err)
	}
	job, err := p.signer.DescribeSigningJob(ctx, described)
	if err != nil {
		return "", fmt.Errorf("reading Signer Signing Job (%s): %w", *started.JobId, err)
	}
	tell("aws_signer_signing_job", map[string]any{"status": job.Status})
	return *job.SignedObject.S3.Key, nil
}

// aws_lambda_function
func (p provider) createFunction(ctx context.Context, key string, arn *string) error {
	_, err := p.lambda.CreateFunction(ctx, &lambda.CreateFunctionInput{
		Code:                 &lambdatypes.FunctionCode{S3Bucket: &p.bucket, S3Key: &key},
		CodeSigningConfigArn: arn,
		Description:          aws.String(""),
		FunctionName:         aws.String(name),
		Handler:              aws.String("app.handler"),
		MemorySize:           aws.Int32(128),
		PackageType:          lambdatypes.PackageTypeZip,
		Role:                 &p.role,
		Runtime:              lambdatypes.RuntimePython312,
		Tags:                 map[string]string{},
		Timeout:              aws.Int32(3),
	})
	if err != nil {
		return fmt.Errorf("creating Lambda Function (%s): %w", name, err)
	}
	return p.readFunction(ctx)
}

func (p provider) updateFunction(ctx context.Context, key, version string) error {
	input := &lambda.UpdateFunctionCodeInput{
		FunctionName: aws.String(name), S3Bucket: &p.bucket, S3Key: &key,
	}
	if version != "" {
		input.S3ObjectVersion = &version
	}
	if _, err := p.lambda.UpdateFunctionCode(ctx, input); err != nil {
		return fmt.Errorf("updating Lambda Function (%s) code: %w", name, err)
	}
	return p.readFunction(ctx)
}

func (p provider) readFunction(ctx context.Context) error {
	function, err := p.lambda.GetFunction(ctx, &lambda.GetFunctionInput{
		FunctionName: aws.String(name),
	})
	if err != nil {
		return fmt.Errorf("reading Lambda Function (%s): %w", name, err)
	}
	if function.Code == nil || function.Configuration.State != lambdatypes.StateActive {
		return fmt.Errorf("waiting for Lambda Function (%s): %v", name, function.Configuration.State)
	}
	versions := lambda.NewListVersionsByFunctionPaginator(
		p.lambda, &lambda.ListVersionsByFunctionInput{FunctionName: aws.String(name)},
	)
	for versions.HasMorePages() {
		if _, err := versions.NextPage(ctx); err != nil {
			return fmt.Errorf("reading Lambda Function (%s) latest version: %w", name, err)
		}
	}
	attached, err := p.lambda.GetFunctionCodeSigningConfig(ctx,
		&lambda.GetFunctionCodeSigningConfigInput{FunctionName: aws.String(name)},
	)
	if err != nil {
		return fmt.Errorf("reading Lambda Function (%s) code signing config: %w", name, err)
	}
	tell("aws_lambda_function", map[string]any{
		"codeSigningConfigArn":     attached.CodeSigningConfigArn,
		"signingProfileVersionArn": function.Configuration.SigningProfileVersionArn,
		"signingJobArn":            function.Configuration.SigningJobArn,
		"codeSha256":               function.Configuration.CodeSha256,
	})
	return nil
}

func (p provider) destroy(ctx context.Context, arn *string) error {
	if _, err := p.lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{
		FunctionName: aws.String(name),
	}); err != nil {
		return fmt.Errorf("deleting Lambda Function (%s): %w", name, err)
	}
	if _, err := p.lambda.DeleteCodeSigningConfig(ctx, &lambda.DeleteCodeSigningConfigInput{
		CodeSigningConfigArn: arn,
	}); err != nil {
		return fmt.Errorf("deleting Lambda Code Signing Config (%s): %w", *arn, err)
	}
	if _, err := p.signer.CancelSigningProfile(ctx, &signer.CancelSigningProfileInput{
		ProfileName: aws.String("release"),
	}); err != nil {
		return fmt.Errorf("deleting Signer Signing Profile (release): %w", err)
	}
	tell("destroyed", map[string]any{})
	return nil
}
