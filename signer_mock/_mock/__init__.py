"""``mock_signer`` and ``SignerMock``: options, start and stop, accounts, decorators."""
