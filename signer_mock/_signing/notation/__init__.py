"""Notary Project envelopes: sign and verify."""
