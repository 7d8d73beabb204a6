// Story tells AWS Signer's story with the AWS SDK for Go. What happened goes to standard output
// as JSON; the test that started this judges it.
//
//	story CODE.zip
//
// It wants the environment that SignerServer.environ() gives, and HTTP_PROXY set to the server's
// URL: the SDK calls GetRevocationStatus at data-127.0.0.1, which nobody resolves.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/signer"
	"github.com/aws/aws-sdk-go-v2/service/signer/types"
)

const (
	notation = "Notation-OCI-SHA384-ECDSA"
	payload  = `{"targetArtifact":{"mediaType":"text/plain","digest":"sha256:0","size":1}}`
)

func main() {
	told, err := story(context.Background(), os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		log.Fatal(err)
	}
}

func put(path string, body []byte) (map[string]any, error) {
	url := os.Getenv("AWS_ENDPOINT_URL") + "/_signer_mock/objects/" + path
	request, err := http.NewRequest(http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("PUT %s: %s", path, text)
	}
	if err != nil {
		return nil, err
	}
	document := map[string]any{}
	return document, json.Unmarshal(text, &document)
}

func story(ctx context.Context, file string) (map[string]any, error) {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client := signer.NewFromConfig(settings)
	told := map[string]any{}

	code, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for _, bucket := range []string{"code", "signed?versioning=false"} {
		if _, err := put(bucket, nil); err != nil {
			return nil, err
		}
	}
	stored, err := put("code/app.zip", code)
	if err != nil {
		return nil, err
	}

	lambda, err := client.PutSigningProfile(ctx, &signer.PutSigningProfileInput{
		ProfileName: aws.String("code"),
		PlatformId:  aws.String("AWSLambda-SHA384-ECDSA"),
		Tags:        map[string]string{"team": "a"},
	})
	if err != nil {
		return nil, err
	}
	images, err := client.PutSigningProfile(ctx, &signer.PutSigningProfileInput{
		ProfileName: aws.String("images"),
		PlatformId:  aws.String(notation),
	})
	if err != nil {
		return nil, err
	}
	told["profileVersionArns"] = []*string{lambda.ProfileVersionArn, images.ProfileVersionArn}
	tags, err := client.ListTagsForResource(ctx, &signer.ListTagsForResourceInput{
		ResourceArn: lambda.Arn,
	})
	if err != nil {
		return nil, err
	}
	told["tags"] = tags.Tags

	started := []string{}
	for range 5 {
		job, err := client.StartSigningJob(ctx, &signer.StartSigningJobInput{
			Source: &types.Source{S3: &types.S3Source{
				BucketName: aws.String("code"),
				Key:        aws.String("app.zip"),
				Version:    aws.String(stored["version"].(string)),
			}},
			Destination: &types.Destination{S3: &types.S3Destination{
				BucketName: aws.String("signed"),
				Prefix:     aws.String("go-"),
			}},
			ProfileName: aws.String("code"),
		})
		if err != nil {
			return nil, err
		}
		started = append(started, *job.JobId)
	}
	told["started"] = started
	waiter := signer.NewSuccessfulSigningJobWaiter(client)
	job, err := waiter.WaitForOutput(
		ctx, &signer.DescribeSigningJobInput{JobId: &started[0]}, 30*time.Second,
	)
	if err != nil {
		return nil, err
	}
	told["waited"] = "SUCCESS"
	told["job"] = map[string]any{
		"status": job.Status,
		"key":    job.SignedObject.S3.Key,
		"isDate": !job.CreatedAt.IsZero(),
	}

	pages := [][]string{}
	paginator := signer.NewListSigningJobsPaginator(
		client, &signer.ListSigningJobsInput{MaxResults: aws.Int32(2)},
	)
	for paginator.HasMorePages() {
		page, err := paginator.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		ids := []string{}
		for _, listed := range page.Jobs {
			ids = append(ids, *listed.JobId)
		}
		pages = append(pages, ids)
	}
	told["pages"] = pages

	signature, err := client.SignPayload(ctx, &signer.SignPayloadInput{
		ProfileName:   aws.String("images"),
		Payload:       []byte(payload),
		PayloadFormat: aws.String("application/vnd.cncf.notary.payload.v1+json"),
	})
	if err != nil {
		return nil, err
	}
	told["envelope"] = base64.StdEncoding.EncodeToString(signature.Signature)

	added, err := client.AddProfilePermission(ctx, &signer.AddProfilePermissionInput{
		ProfileName: aws.String("images"),
		StatementId: aws.String("partner"),
		Action:      aws.String("signer:SignPayload"),
		Principal:   aws.String("210987654321"),
	})
	if err != nil {
		return nil, err
	}
	listed, err := client.ListProfilePermissions(ctx, &signer.ListProfilePermissionsInput{
		ProfileName: aws.String("images"),
	})
	if err != nil {
		return nil, err
	}
	principals := []string{}
	for _, permission := range listed.Permissions {
		principals = append(principals, *permission.Principal)
	}
	told["permissions"] = map[string]any{
		"sameRevision": *added.RevisionId == *listed.RevisionId,
		"principals":   principals,
	}

	profile, _, _ := strings.Cut(*images.Arn, "/signing-profiles/")
	question := &signer.GetRevocationStatusInput{
		SignatureTimestamp: aws.Time(time.Now()),
		PlatformId:         aws.String(notation),
		ProfileVersionArn:  images.ProfileVersionArn,
		JobArn:             aws.String(profile + "/signing-jobs/" + *signature.JobId),
		CertificateHashes:  []string{strings.Repeat("0", 192), strings.Repeat("1", 192)},
	}
	before, err := client.GetRevocationStatus(ctx, question)
	if err != nil {
		return nil, err
	}
	told["revokedBefore"] = append([]string{}, before.RevokedEntities...)
	if _, err := client.RevokeSignature(ctx, &signer.RevokeSignatureInput{
		JobId: &started[1], Reason: aws.String("lost"),
	}); err != nil {
		return nil, err
	}
	revoked, err := client.DescribeSigningJob(ctx, &signer.DescribeSigningJobInput{
		JobId: &started[1],
	})
	if err != nil {
		return nil, err
	}
	told["revocation"] = revoked.RevocationRecord.Reason
	if _, err := client.RevokeSigningProfile(ctx, &signer.RevokeSigningProfileInput{
		ProfileName:    aws.String("images"),
		ProfileVersion: images.ProfileVersion,
		Reason:         aws.String("key lost"),
		EffectiveTime:  aws.Time(time.Now().Add(-time.Minute)),
	}); err != nil {
		return nil, err
	}
	after, err := client.GetRevocationStatus(ctx, question)
	if err != nil {
		return nil, err
	}
	told["revokedAfter"] = after.RevokedEntities

	_, err = client.GetSigningProfile(ctx, &signer.GetSigningProfileInput{
		ProfileName: aws.String("nobody"),
	})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		told["error"] = map[string]any{
			"isTyped":    true,
			"code":       missing.Code,
			"status":     404,
			"hasMessage": strings.Contains(missing.ErrorMessage(), "nobody"),
		}
	}
	return told, nil
}
