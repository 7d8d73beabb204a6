"""Keys, certificates and the rules for chains of them."""
