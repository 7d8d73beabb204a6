"""``mock_signer`` and what a started mock is made of: options, accounts, calls, decorators."""
