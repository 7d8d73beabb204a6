"""Keys, certificates, and the rules for certificate chains."""
