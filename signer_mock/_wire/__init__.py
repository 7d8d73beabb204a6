"""AWS's rest-json protocol, driven by botocore's own service model; no Signer rule lives here."""
