"""Signed packages whose signature entry somebody changed: a yes is about what was signed.

Only the attributes of a CMS signature are signed. Around them are the certificates, some version
numbers and algorithm names, BER's and PEM's ways to write the same thing, and the zip entry itself.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from signer_mock._signing.ca.authority import CertificateAuthority
from signer_mock._signing.lambda_zip.sign import sign_zip
from signer_mock.verify import (
    IntegrityError,
    UntrustedError,
    VerificationError,
    VerifiedSignature,
    verify_lambda_zip,
)
from tests.helpers.forgery import tlv
from tests.helpers.signing import (
    NOW,
    SIGNATURE_ENTRY,
    authority,
    entries_of,
    make_zip,
    signature_of,
    signing_arguments,
)
from tests.helpers.zip_forge import Item, Recipe

START, END = b"-----BEGIN PKCS7-----\n", b"-----END PKCS7-----\n"
# The order of P-384's group (SEC 2, 2.5.1).
ORDER = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffff"
    "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    16,
)
SHA384 = bytes.fromhex("300b0609608648016503040202")
SHA384_NULL = bytes.fromhex("300d06096086480165030402020500")
SHA256 = bytes.fromhex("300b0609608648016503040201")
DATA = bytes.fromhex("06092a864886f70d010701")
SIGNED = bytes.fromhex("06092a864886f70d010702")
ECDSA = bytes.fromhex("300a06082a8648ce3d040303")


@cache
def package() -> bytes:
    return sign_zip(make_zip({"app.py": b"print(1)\n", "b": b"bee"}), **signing_arguments())


def encoded() -> bytes:
    return base64.b64decode(b"".join(signature_of(package()).split(b"\n")[1:-2]))


def pem(body: bytes) -> bytes:
    return START + base64.encodebytes(body) + END


def replaced(entry: bytes) -> bytes:
    return make_zip({**dict(entries_of(package())), SIGNATURE_ENTRY: entry})


def verify(archive: bytes) -> VerifiedSignature:
    return verify_lambda_zip(archive, authority().trust_root_pem, at=NOW)


# --- the zip entry


def with_items(*names: str) -> bytes:
    bodies = {**dict(entries_of(package())), SIGNATURE_ENTRY: signature_of(package())}
    signature = bodies[SIGNATURE_ENTRY]
    return Recipe([Item(name.encode(), bodies.get(name, signature)) for name in names]).build()


NAMES = ["app.py", "b", "META_INF/"]


@pytest.mark.parametrize("position", range(4))
def test_the_signature_entry_may_be_anywhere(position: int) -> None:
    # The order of the other entries is signed, and its own position is not.
    names = [*NAMES[:position], SIGNATURE_ENTRY, *NAMES[position:]]

    assert verify(with_items(*names)) == verify(package())


@pytest.mark.parametrize(
    "name",
    [
        SIGNATURE_ENTRY.upper(),
        SIGNATURE_ENTRY.lower(),
        "META_INF/aws_signer_signature_v1.0.sf",
        "META-INF/aws_signer_signature_v1.0.SF",
        "./" + SIGNATURE_ENTRY,
        "/" + SIGNATURE_ENTRY,
        SIGNATURE_ENTRY.replace("/", "\\"),
        SIGNATURE_ENTRY + " ",
    ],
)
def test_only_the_exact_name_is_a_signature(name: str) -> None:
    with pytest.raises(UntrustedError, match="It is not signed"):
        verify(with_items(*NAMES, name))
    # Beside the genuine one it is an entry that was added.
    for names in ([*NAMES, name, SIGNATURE_ENTRY], [*NAMES, SIGNATURE_ENTRY, name]):
        with pytest.raises(IntegrityError, match="was changed, added, removed"):
            verify(with_items(*names))


def test_two_signature_entries_are_refused() -> None:
    with pytest.raises(IntegrityError, match="more than one signature entry"):
        verify(with_items(*NAMES, SIGNATURE_ENTRY, SIGNATURE_ENTRY))


# --- PEM


def spare_bits(text: bytes) -> bytes:
    """Set a bit that the last character before the padding has to spare."""
    end = text.rindex(END)
    padding = text[:end].rstrip()
    last = len(padding.rstrip(b"=")) - 1
    assert last < len(padding) - 1, "without padding there is no bit to spare"
    return text[:last] + bytes([text[last] + 1]) + text[last + 1 :]


def padded_signature() -> bytes:
    """A signature entry whose base64 has padding; the length of an ECDSA signature varies."""
    for second in range(50):
        moment = NOW.replace(microsecond=second * 1000)
        signed = sign_zip(make_zip({"a": b"b"}), **signing_arguments(expiry=moment))
        text = signature_of(signed)
        if b"=" in text:
            return text
    raise AssertionError


PEM_ATTACKS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a line before it": (lambda text: b"x\n" + text, "not a PEM block"),
    "a space before it": (lambda text: b" " + text, "not a PEM block"),
    "a line after it": (lambda text: text + b"x\n", "not a PEM block"),
    "a NUL after it": (lambda text: text + b"\0", "not a PEM block"),
    "two blocks": (lambda text: text + text, "not base64"),
    "a certificate after it": (
        lambda text: text + text.replace(b"PKCS7", b"CERTIFICATE"),
        "not a PEM block",
    ),
    "a PEM header": (lambda text: text.replace(START, START + b"a: b\n\n"), "not base64"),
    "characters of no alphabet": (lambda text: text.replace(END, b"!*\n" + END), "not base64"),
    "a character within": (lambda text: text[:90] + b"-" + text[90:], "not base64"),
    "the alphabet for URLs": (lambda text: text[:90] + b"_" + text[91:], "not base64"),
    "a byte above ASCII": (lambda text: text[:90] + b"\xff" + text[90:], "not base64"),
    "padding within": (lambda text: text.replace(START, START + b"MA==\n"), "not base64"),
    "other case": (lambda text: text.replace(b"BEGIN", b"begin"), "not a PEM block"),
}


@pytest.mark.parametrize(("change", "reason"), PEM_ATTACKS.values(), ids=PEM_ATTACKS.keys())
def test_nothing_stands_around_or_within_the_pem_block(
    change: Callable[[bytes], bytes], reason: str
) -> None:
    with pytest.raises(IntegrityError) as refusal:
        verify(replaced(change(signature_of(package()))))

    assert f"The signature entry is {reason}" in str(refusal.value)
    assert "bits to spare" not in str(refusal.value)


def test_what_is_not_base64_is_told_with_the_readers_reason() -> None:
    pem = b"-----BEGIN PKCS7-----\nA\n-----END PKCS7-----\n"
    with pytest.raises(IntegrityError) as refusal:
        verify(replaced(pem))
    assert re.search(r"The signature entry is not base64: [^.]+\.", str(refusal.value))


def test_bits_to_spare_in_base64_are_zero() -> None:
    with pytest.raises(IntegrityError, match="base64: its last character has bits to spare"):
        verify(replaced(spare_bits(padded_signature())))


@pytest.mark.parametrize(
    "text",
    [
        signature_of(package()).replace(b"\n", b"\r\n"),
        signature_of(package()).rstrip(),
        signature_of(package()) + b"\n\n",
        START + base64.b64encode(encoded()) + b"\n" + END,
    ],
    ids=["CRLF", "no last line end", "empty lines after it", "one line"],
)
def test_line_ends_mean_nothing(text: bytes) -> None:
    assert verify(replaced(text)) == verify(package())


# --- CMS


def assemble(**changes: Any) -> bytes:
    """The genuine message put together anew, of other parts where a test says so."""
    data = cms.ContentInfo.load(encoded(), strict=True)["content"]
    signer = data["signer_infos"][0]
    parts: dict[str, Any] = {
        "version": b"\2\1\1",
        "digests": [SHA384],
        "type": DATA,
        "certificates": [one.chosen.dump() for one in data["certificates"]],
        "after_certificates": b"",
        "signer_version": b"\2\1\1",
        "signer_digest": SHA384,
        "attributes": signer["signed_attrs"].dump(),
        "algorithm": ECDSA,
        "signature": signer["signature"].native,
        "unsigned": b"",
        "signers": 1,
        **changes,
    }
    info = tlv(
        0x30,
        parts["signer_version"],
        signer["sid"].dump(),
        parts["signer_digest"],
        parts["attributes"],
        parts["algorithm"],
        tlv(0x04, parts["signature"]),
        parts["unsigned"],
    )
    signed_data = indefinite(
        0x30,
        parts["version"],
        tlv(0x31, *parts["digests"]),
        indefinite(0x30, parts["type"]),
        indefinite(0xA0, *parts["certificates"]),
        parts["after_certificates"],
        tlv(0x31, *[info] * parts["signers"]),
    )
    return indefinite(0x30, SIGNED, indefinite(0xA0, signed_data))


def indefinite(tag: int, *parts: bytes) -> bytes:
    return bytes([tag, 0x80, *b"".join(parts), 0, 0])


def attributes() -> list[bytes]:
    signer = cms.ContentInfo.load(encoded())["content"]["signer_infos"][0]
    return [one.dump() for one in signer["signed_attrs"]]


def certificates() -> list[bytes]:
    return list(signing_arguments()["identity"].chain_der)


def stranger() -> bytes:
    other = CertificateAuthority("210987654321").identity("us-east-1", NOW)
    return other.chain_der[0]


def signature_of_numbers(change: Callable[[int, int], tuple[int, int]]) -> bytes:
    signer = cms.ContentInfo.load(encoded())["content"]["signer_infos"][0]
    numbers = change(*decode_dss_signature(signer["signature"].native))
    return tlv(0x30, *(core.Integer(number).dump() for number in numbers))


def with_second_value(attribute: bytes) -> bytes:
    parsed = cms.CMSAttribute.load(attribute)
    value = parsed["values"][0].dump()
    return tlv(0x30, parsed["type"].dump(), tlv(0x31, value, value))


UNSIGNED = tlv(0xA1, tlv(0x30, bytes.fromhex("06032a0304"), tlv(0x31, b"\4\1x")))
ALL = certificates()
CMS_ATTACKS: dict[str, tuple[bytes, str]] = {
    "a byte after it": (encoded() + b"\0", "malformed"),
    "a message after it": (encoded() * 2, "malformed"),
    "an end of contents after it": (encoded() + b"\0\0", "malformed"),
    "version 0": (assemble(version=b"\2\1\0"), "its version is v0, not v1"),
    "version 3": (assemble(version=b"\2\1\3"), "its version is v3, not v1"),
    "version 9": (assemble(version=b"\2\1\x09"), "its version is 9, not v1"),
    "version 1 in two bytes": (assemble(version=b"\2\2\0\1"), "not v1 in DER"),
    "the signer's version 1 in two bytes": (
        assemble(signer_version=b"\2\2\0\1"),
        "not v1 in DER",
    ),
    "another encoding of SignedData's OID": (
        assemble().replace(SIGNED, SIGNED[:1] + b"\x0a" + SIGNED[2:3] + b"\x80" + SIGNED[3:]),
        "not CMS SignedData",
    ),
    "another encoding of plain data's OID": (
        assemble(type=DATA[:1] + b"\x0a" + DATA[2:3] + b"\x80" + DATA[3:]),
        "not a detached signature over plain data",
    ),
    "the signer's version 3": (assemble(signer_version=b"\2\1\3"), "its version is v3, not v1"),
    "no digest algorithm": (assemble(digests=[]), "not just its signer's"),
    "two digest algorithms": (assemble(digests=[SHA384] * 2), "not just its signer's"),
    "another one beside it": (assemble(digests=[SHA256, SHA384]), "not just its signer's"),
    "another one": (assemble(digests=[SHA256]), "not just its signer's"),
    "parameters outside": (assemble(digests=[SHA384_NULL]), "not just its signer's"),
    "parameters at the signer": (
        assemble(digests=[SHA384_NULL], signer_digest=SHA384_NULL),
        "that its signer protected",
    ),
    "SHA-256 in both": (assemble(digests=[SHA256], signer_digest=SHA256), "are not SHA-384"),
    "parameters of ECDSA": (
        assemble(algorithm=tlv(0x30, ECDSA[2:], b"\5\0")),
        "that its signer protected",
    ),
    "ECDSA with SHA-256": (assemble(algorithm=ECDSA[:-1] + b"\2"), "are not SHA-384"),
    "two signers": (assemble(signers=2), "2 signers"),
    "no signer": (assemble(signers=0), "0 signers"),
    "revocation lists": (assemble(after_certificates=b"\xa1\0"), "revocation lists"),
    "unsigned attributes": (assemble(unsigned=UNSIGNED), "unsigned attributes"),
    "no unsigned attributes in a list": (assemble(unsigned=b"\xa1\0"), "unsigned attributes"),
    "more at the signer": (assemble(unsigned=b"\5\0"), "not in DER"),
    "an attribute twice": (
        assemble(attributes=tlv(0xA0, *sorted([*attributes(), attributes()[0]]))),
        "exactly one value",
    ),
    "an attribute of two values": (
        assemble(
            attributes=tlv(0xA0, *sorted([*attributes()[1:], with_second_value(attributes()[0])]))
        ),
        "exactly one value",
    ),
    "attributes in another order": (
        assemble(attributes=tlv(0xA0, *attributes()[::-1])),
        "not in DER",
    ),
    "attributes of indefinite length": (
        assemble(attributes=indefinite(0xA0, *attributes())),
        "not in DER",
    ),
    "r is 0": (assemble(signature=signature_of_numbers(lambda r, s: (0, s))), "not made by"),
    "s is 0": (assemble(signature=signature_of_numbers(lambda r, s: (r, 0))), "not made by"),
    "both are 0": (assemble(signature=signature_of_numbers(lambda r, s: (0, 0))), "not made by"),
    "r is n": (assemble(signature=signature_of_numbers(lambda r, s: (ORDER, s))), "not made by"),
    "s is n": (assemble(signature=signature_of_numbers(lambda r, s: (r, ORDER))), "not made by"),
    "r + n": (assemble(signature=signature_of_numbers(lambda r, s: (r + ORDER, s))), "not made"),
    "s + n": (assemble(signature=signature_of_numbers(lambda r, s: (r, s + ORDER))), "not made"),
    "-s": (assemble(signature=signature_of_numbers(lambda r, s: (r, -s))), "not made by"),
    "exchanged": (assemble(signature=signature_of_numbers(lambda r, s: (s, r))), "not made by"),
    "a byte after the signature": (
        assemble(signature=signature_of_numbers(lambda r, s: (r, s)) + b"\0"),
        "not made by",
    ),
    "no signature": (assemble(signature=b""), "not made by"),
    "no leaf": (assemble(certificates=ALL[1:]), "certificate is not in it"),
}


@pytest.mark.parametrize(("attack", "reason"), CMS_ATTACKS.values(), ids=CMS_ATTACKS.keys())
def test_another_cms_message_is_refused(attack: bytes, reason: str) -> None:
    with pytest.raises(IntegrityError) as refusal:
        verify(replaced(pem(attack)))

    assert "(The signature is not valid: " in str(refusal.value)
    assert reason in str(refusal.value)


def test_a_rebuilt_signature_has_the_same_bytes() -> None:
    assert assemble() == encoded()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([*ALL, stranger()], "It holds 5 certificates, and its signer's chain has 4"),
        ([stranger(), *ALL], "It holds 5 certificates, and its signer's chain has 4"),
        ([*ALL, ALL[0]], "It holds 5 certificates, and its signer's chain has 4"),
        ([*ALL, ALL[3]], "is self-signed and not the last of the chain"),
        (ALL[:3], "Its certificate chain is not good at the signing time"),
        ([ALL[0], *ALL[2:]], "Its certificate chain is not good at the signing time"),
        (ALL[:1], "Its certificate chain is not good at the signing time"),
        ([ALL[0], stranger()], "Its certificate chain is not good at the signing time"),
    ],
    ids=[
        "another's leaf",
        "another's leaf first",
        "the leaf twice",
        "the root twice",
        "no root",
        "no regional one",
        "just the leaf",
        "another's leaf for the others",
    ],
)
def test_certificates_are_the_signers_chain_and_no_more(given: list[bytes], reason: str) -> None:
    with pytest.raises(UntrustedError) as refusal:
        verify(replaced(pem(assemble(certificates=given))))

    assert reason in str(refusal.value)


@pytest.mark.parametrize("seed", range(4))
def test_certificates_are_a_set_in_any_order(seed: int) -> None:
    given = random.Random(seed).sample(ALL, 4)

    assert verify(replaced(pem(assemble(certificates=given)))) == verify(package())


@pytest.mark.parametrize("length", [bytes([13]), b"\x81\x0d", b"\x82\0\x0d", b"\x80"])
def test_the_wrappers_may_write_their_lengths_in_any_way(length: bytes) -> None:
    # Real signatures have indefinite ones where DER has none, and tools rewrite them.
    digests = b"\x31" + length + SHA384 + (b"\0\0" if length == b"\x80" else b"")
    message = assemble()
    assert message.count(tlv(0x31, SHA384)) == 1

    changed = message.replace(tlv(0x31, SHA384), digests)

    assert verify(replaced(pem(changed))) == verify(package())


def test_a_signature_and_its_negative_are_both_the_signers() -> None:
    # Any ECDSA key makes either with equal chance, so Signer does, too.
    negative = signature_of_numbers(lambda r, s: (r, ORDER - s))

    assert verify(replaced(pem(assemble(signature=negative)))) == verify(package())


# --- at random: the key is the same in each run, so that a part's number is enough to repeat it


def test_the_mutated_message_is_the_same_in_each_run() -> None:
    again = sign_zip(
        make_zip({"app.py": b"print(1)\n", "b": b"bee"}),
        **signing_arguments(
            identity=CertificateAuthority("123456789012", seed="tests").identity("us-east-1", NOW)
        ),
    )
    assert again == package()


def mutated(random_: random.Random, message: bytes) -> bytes:
    changed = bytearray(message)
    for _ in range(random_.choice([1, 1, 1, 2, 4])):
        start = random_.randrange(len(changed))
        piece = changed[start : start + random_.randrange(1, 9)]
        kind = random_.randrange(5)
        if kind == 0:
            changed[start] ^= 1 << random_.randrange(8)
        elif kind == 1:
            changed[start] = random_.randrange(256)
        elif kind == 2:
            del changed[start : start + len(piece)]
        elif kind == 3:
            changed[start:start] = piece
        else:
            changed[start:start] = random_.randbytes(random_.randrange(1, 4))
    return bytes(changed)


@pytest.mark.parametrize(
    "part", [*range(6), *(pytest.param(part, marks=pytest.mark.soak) for part in range(6, 200))]
)
def test_fifty_mutated_signatures(part: int) -> None:
    random_ = random.Random(f"cms {part}")
    for _ in range(50):
        message = mutated(random_, encoded())
        try:
            verify(replaced(pem(message)))
        except VerificationError:
            continue
        assert message == encoded()


def test_every_changed_byte_before_and_after_the_certificates() -> None:
    message = encoded()
    first = message.index(ALL[0])
    last = message.index(ALL[-1]) + len(ALL[-1])
    positions = [*range(first), *range(last, len(message))]
    for position in positions:
        changed = bytearray(message)
        changed[position] ^= 1 << position % 8
        with pytest.raises(VerificationError):
            verify(replaced(pem(bytes(changed))))
