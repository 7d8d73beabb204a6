"""Notary Project envelopes: SignPayload's signatures."""
