"""Signed Lambda deployment packages: sign and verify."""
