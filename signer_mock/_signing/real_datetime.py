"""Protect cryptography from frozen time.

cryptography remembers the class ``datetime.datetime`` when it first handles a time. If that happens
under freezegun, it remembers the fake class and rejects every real datetime for the rest of the
process. So show it the real class before it reads the first certificate.
"""

from __future__ import annotations

import datetime as dt

from cryptography import x509


def show_cryptography_the_real_datetime() -> None:
    """Make cryptography handle a real datetime, even if ``datetime.datetime`` is a fake now."""
    shown = dt.datetime
    real: type[dt.datetime] = next(base for base in shown.__mro__ if type(base) is type)
    dt.datetime = real  # type: ignore[misc]  # replacing a class is the point

    try:
        x509.InvalidityDate(real(2026, 1, 1)).public_bytes()
    finally:
        dt.datetime = shown  # type: ignore[misc]  # as above
