"""Zip archives, read strictly and appended to byte for byte.

`read` is the entry point: it finds the end records (`ends`), lists the central directory
(`directory`) and checks the local headers and what stands between them (`local`). `body` inflates.

Why not `zipfile`: it decodes and normalizes names, hides where things stand, and accepts archives
that other readers read differently. Source of the layout: PKWARE's APPNOTE 6.3.
"""
