"""Make private keys, serial numbers and nonces: at random, or from a seed."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

# RFC 5280 allows 20 octets, the first bit zero.
_SERIAL_NUMBER_BITS = 159


class KeySource:
    """Makes elliptic-curve keys, serial numbers and signatures.

    The same seed gives the same bytes for the same purpose, in every process. Keys and serial
    numbers are derived with HKDF (RFC 5869), and signatures use the nonces of RFC 6979. Such keys
    are not secret; a mock's need not be.

    Args:
        seed: None makes everything random.
    """

    def __init__(self, seed: int | str | None = None) -> None:
        self._seed = seed

    @property
    def is_deterministic(self) -> bool:
        """Whether there is a seed."""
        return self._seed is not None

    def private_key(self, purpose: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        """Return the private key for a purpose; a new one each time if there is no seed."""
        if not self.is_deterministic:
            return ec.generate_private_key(curve)
        # With one bit less than the curve's order it is never too large.
        number = self._number(f"key/{curve.name}/{purpose}", curve.key_size - 1)
        return ec.derive_private_key(number or 1, curve)

    def serial_number(self, purpose: str) -> int:
        """Return the serial number of a certificate for a purpose."""
        if not self.is_deterministic:
            return x509.random_serial_number()
        return self._number(f"serial/{purpose}", _SERIAL_NUMBER_BITS) or 1

    def ecdsa(self, digest: hashes.HashAlgorithm | utils.Prehashed) -> ec.ECDSA:
        """Return the algorithm to sign with."""
        return ec.ECDSA(digest, deterministic_signing=self.is_deterministic)

    def _number(self, purpose: str, bits: int) -> int:
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        length = (bits + 7) // 8
        kdf = HKDF(hashes.SHA512(), length, salt=b"signer-mock", info=purpose.encode())
        material = kdf.derive(f"{type(self._seed).__name__}:{self._seed}".encode())
        return int.from_bytes(material, "big") >> (length * 8 - bits)
