"""Whole sentences are compared in all tests of signatures."""

from tests.helpers.sentences import known_sentences

__all__ = ["known_sentences"]
