"""AWS Signer's rules, one module for each resource; start reading in ``operations.py``."""
