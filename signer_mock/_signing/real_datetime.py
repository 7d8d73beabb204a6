"""Keeps frozen time from spoiling cryptography.

cryptography remembers the class ``datetime.datetime`` the first time it handles one. If that
happens under freezegun it remembers the fake class, and refuses every real datetime for the rest
of the process. So it is made to see the real class before the first certificate.
"""

from __future__ import annotations

import datetime as dt

from cryptography import x509


def show_cryptography_the_real_datetime() -> None:
    """Have cryptography handle one real datetime, also while ``datetime.datetime`` is a fake."""
    shown = dt.datetime
    real: type[dt.datetime] = next(base for base in shown.__mro__ if type(base) is type)
    dt.datetime = real  # type: ignore[misc]  # a class put in a class's place, on purpose
    try:
        x509.InvalidityDate(real(2026, 1, 1)).public_bytes()
    finally:
        dt.datetime = shown  # type: ignore[misc]  # as above
