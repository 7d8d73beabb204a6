"""AWS's rest-json protocol, driven by botocore's service model; knows no rule of Signer."""
