"""Read a zip archive as a signature sees it: its entries' names and bodies, in order."""

from __future__ import annotations

from signer_mock._signing.lambda_zip.archive.directory import read_directory
from signer_mock._signing.lambda_zip.archive.ends import read_ends
from signer_mock._signing.lambda_zip.archive.local import check_local_headers
from signer_mock._signing.lambda_zip.archive.records import ZipArchive


def read_archive(data: bytes) -> ZipArchive:
    """Read and check all headers; nothing is inflated.

    What zipfile, unzip, Go's archive/zip, and Java's ZipFile and ZipInputStream read without an
    error is what the result lists.

    Raises:
        ZipFormatError: The archive is damaged, or some reader would read it differently.
    """
    ends = read_ends(data)
    entries = read_directory(data, ends)
    return ZipArchive(data, ends, entries, check_local_headers(data, ends, entries))
