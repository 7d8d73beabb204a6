package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	configv1beta1 "github.com/ratify-project/ratify/api/v1beta1"
	"github.com/ratify-project/ratify/pkg/executor"
	"github.com/ratify-project/ratify/pkg/executor/core"
	"github.com/ratify-project/ratify/pkg/keymanagementprovider"
	kmpconfig "github.com/ratify-project/ratify/pkg/keymanagementprovider/config"
	kmpfactory "github.com/ratify-project/ratify/pkg/keymanagementprovider/factory"
	_ "github.com/ratify-project/ratify/pkg/keymanagementprovider/inline"
	policyconfig "github.com/ratify-project/ratify/pkg/policyprovider/config"
	_ "github.com/ratify-project/ratify/pkg/policyprovider/configpolicy"
	policyfactory "github.com/ratify-project/ratify/pkg/policyprovider/factory"
	"github.com/ratify-project/ratify/pkg/referrerstore"
	storeconfig "github.com/ratify-project/ratify/pkg/referrerstore/config"
	storefactory "github.com/ratify-project/ratify/pkg/referrerstore/factory"
	_ "github.com/ratify-project/ratify/pkg/referrerstore/oras"
	"github.com/ratify-project/ratify/pkg/verifier"
	verifierconfig "github.com/ratify-project/ratify/pkg/verifier/config"
	verifierfactory "github.com/ratify-project/ratify/pkg/verifier/factory"
	_ "github.com/ratify-project/ratify/pkg/verifier/notation"
	"sigs.k8s.io/yaml"
)

const ratifyVersion = "1.0.0" // of Ratify's plugins' protocol

// askRatify configures Ratify with custom resources, as its controllers do, and has it decide.
func askRatify(ctx context.Context, asked *request, image string) (answer, error) {
	plugins := asked.RatifyPlugins
	var judges []verifier.ReferenceVerifier
	for _, document := range strings.Split(asked.Manifests, "\n---\n") {
		var kind struct {
			Kind string `json:"kind"`
		}
		if err := yaml.Unmarshal([]byte(document), &kind); err != nil {
			return answer{}, err
		}
		switch kind.Kind {
		case "KeyManagementProvider":
			var resource configv1beta1.KeyManagementProvider
			if err := yaml.UnmarshalStrict([]byte(document), &resource); err != nil {
				return answer{}, err
			}
			if err := provide(ctx, &resource, plugins); err != nil {
				return answer{}, err
			}
		case "Verifier":
			var resource configv1beta1.Verifier
			if err := yaml.UnmarshalStrict([]byte(document), &resource); err != nil {
				return answer{}, err
			}
			judge, err := newVerifier(&resource, plugins)
			if err != nil {
				return answer{}, err
			}
			judges = append(judges, judge)
		default:
			return answer{}, fmt.Errorf("a manifest of kind %q is not for Ratify", kind.Kind)
		}
	}
	store, err := storefactory.CreateStoreFromConfig(
		storeconfig.StorePluginConfig{"name": "oras", "useHttp": true}, ratifyVersion, []string{plugins})
	if err != nil {
		return answer{}, err
	}
	// The default of Ratify's chart: one good signature admits.
	policy, err := policyfactory.CreatePolicyProviderFromConfig(policyconfig.PoliciesConfig{
		Version: ratifyVersion,
		PolicyPlugin: policyconfig.PolicyPluginConfig{
			"name": "configPolicy",
			"artifactVerificationPolicies": map[string]string{
				"application/vnd.cncf.notary.signature": "any",
			},
		},
	})
	if err != nil {
		return answer{}, err
	}
	ratify := core.Executor{
		ReferrerStores: []referrerstore.ReferrerStore{store},
		PolicyEnforcer: policy,
		Verifiers:      judges,
	}
	result, err := ratify.VerifySubject(ctx, executor.VerifyParameters{Subject: image})
	if err != nil {
		return answer{}, err
	}
	reports, err := json.Marshal(result.VerifierReports)
	return answer{Admitted: result.IsSuccess, Said: string(reports)}, err
}

// provide gives Ratify the certificates of a KeyManagementProvider, under the resource's name.
func provide(ctx context.Context, resource *configv1beta1.KeyManagementProvider, plugins string) error {
	config := kmpconfig.KeyManagementProviderConfig{}
	if err := json.Unmarshal(resource.Spec.Parameters.Raw, &config); err != nil {
		return err
	}
	config["type"], config["resource"] = resource.Spec.Type, resource.Name
	provider, err := kmpfactory.CreateKeyManagementProviderFromConfig(config, ratifyVersion, plugins)
	if err != nil {
		return err
	}
	certificates, _, err := provider.GetCertificates(ctx)
	if err != nil {
		return err
	}
	keymanagementprovider.SaveSecrets(resource.Name, resource.Spec.Type, nil, certificates)
	return nil
}

func newVerifier(resource *configv1beta1.Verifier, plugins string) (verifier.ReferenceVerifier, error) {
	config := verifierconfig.VerifierConfig{}
	if err := json.Unmarshal(resource.Spec.Parameters.Raw, &config); err != nil {
		return nil, err
	}
	kind := resource.Spec.Type
	if kind == "" {
		kind = resource.Spec.Name
	}
	config["name"], config["type"] = resource.Name, kind
	config["artifactTypes"] = resource.Spec.ArtifactTypes
	return verifierfactory.CreateVerifierFromConfig(config, ratifyVersion, []string{plugins}, "")
}
