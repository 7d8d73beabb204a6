"""AWS Signer's rules, one file a resource; start reading in ``operations.py``."""
