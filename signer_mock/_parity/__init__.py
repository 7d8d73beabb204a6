"""Probes of AWS Signer's behaviour, run against any endpoint and compared with the ledger.

``probes`` loads them, ``send`` is the only place that sends, ``run`` plays them, ``compare``
judges each answer, ``redact`` makes answers fit to show, and ``plan``, ``report`` and ``ledger``
write what a user reads.
"""
