"""`verify_lambda_zip` as a test author uses it: Lambda's decision on a deployment package."""

from __future__ import annotations

import base64
import pickle
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from signer_mock._signing.ca.authority import CertificateAuthority, certificate_hashes
from signer_mock._signing.lambda_zip.sign import sign_zip
from signer_mock.verify import (
    ExpiredError,
    IntegrityError,
    MismatchError,
    RevokedError,
    UntrustedError,
    VerifiedSignature,
    verify_lambda_zip,
)
from tests.helpers import constants
from tests.helpers.constants import LAMBDA
from tests.helpers.signing import (
    EXPIRY,
    JOB_ARN,
    NOW,
    PROFILE_ARN,
    PROFILE_VERSION_ARN,
    SIGNATURE_ENTRY,
    authority,
    entries_of,
    make_zip,
    openssl_accepts,
    rebuild_zip,
    signature_of,
    signing_arguments,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

NOT_ACCEPTED, NOT_PROPERLY_SIGNED = (
    text.format("the function") for text in (constants.NOT_ACCEPTED, constants.NOT_PROPERLY_SIGNED)
)
OTHER = PROFILE_VERSION_ARN[:-1] + "3"
SOURCE = make_zip({"app.py": b"print(1)\n" * 9, "b.txt": b"bee", "lib/": b"", "lib/c": b"sea"})


class Revocations:
    def __init__(self, *revoked: str) -> None:
        self.revoked = revoked
        self.asked: list[dict[str, Any]] = []

    def revoked_entities(self, **question: Any) -> Sequence[str]:
        self.asked.append(question)
        return self.revoked


def signed(**changes: Any) -> bytes:
    return sign_zip(SOURCE, **signing_arguments(**changes))


def verify(
    archive: bytes, publishers: Sequence[str] | None = (PROFILE_VERSION_ARN,), **options: Any
) -> VerifiedSignature:
    options = {"at": NOW, **options}
    return verify_lambda_zip(archive, authority().trust_root_pem, publishers, **options)


def test_a_good_package_says_who_signed_it() -> None:
    arguments = signing_arguments()

    assert verify(sign_zip(SOURCE, **arguments)) == VerifiedSignature(
        profile_version_arn=PROFILE_VERSION_ARN,
        job_arn=JOB_ARN,
        signed_at=NOW.replace(microsecond=123000),
        expires_at=EXPIRY.replace(microsecond=123000),
        certificates=arguments["identity"].certificates,
    )


# --- integrity: what must and what must not change

Entries = list[tuple[str, bytes]]


def with_entry(
    index: int, name: str | None = None, body: bytes | None = None
) -> Callable[[Entries], Entries]:
    def change(entries: Entries) -> Entries:
        old_name, old_body = entries[index]
        new = (old_name if name is None else name, old_body if body is None else body)
        return [*entries[:index], new, *entries[index + 1 :]]

    return change


TAMPERINGS: dict[str, Callable[[Entries], Entries]] = {
    "one byte of the first entry": with_entry(0, body=b"print(2)\n" + b"print(1)\n" * 8),
    "one byte of the last file": with_entry(3, body=b"see"),
    "a file renamed": with_entry(1, name="c.txt"),
    "a directory renamed": with_entry(2, name="bil/"),
    "a file in a directory renamed": with_entry(3, name="lib/d"),
    "a letter's case": with_entry(0, name="App.py"),
    "the signature's directory renamed": with_entry(4, name="META-INF/"),
    "a file emptied": with_entry(1, body=b""),
    "a byte added": with_entry(1, body=b"bee!"),
    "two swapped": lambda entries: [entries[1], entries[0], *entries[2:]],
    "the directory last": lambda entries: [*entries[:2], *entries[3:], entries[2]],
    "turned round": lambda entries: entries[::-1],
    "one taken out": lambda entries: entries[:1] + entries[2:],
    "the signature's directory taken out": lambda entries: entries[:-1],
    "one added": lambda entries: [*entries, ("new.py", b"evil")],
    "an empty one added": lambda entries: [*entries, ("x", b"")],
    "bodies exchanged": lambda entries: with_entry(1, body=entries[3][1])(entries),
    "all gone": lambda entries: [],
}


@pytest.mark.parametrize("change", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_tampering_is_noticed_by_openssl_and_by_us(change, tmp_path: Path) -> None:
    package = signed()
    entries = entries_of(package)
    changed = rebuild_zip(package, change(entries))

    assert openssl_accepts(rebuild_zip(package, entries), authority().trust_root_pem, tmp_path)
    assert not openssl_accepts(changed, authority().trust_root_pem, tmp_path)
    with pytest.raises(IntegrityError) as refusal:
        verify(changed)
    assert str(refusal.value).startswith(NOT_PROPERLY_SIGNED)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_recompressing_keeps_the_signature(compression: int, tmp_path: Path) -> None:
    package = signed()
    anew = rebuild_zip(package, entries_of(package), compression)

    assert anew != package
    assert openssl_accepts(anew, authority().trust_root_pem, tmp_path)
    assert verify(anew).job_arn == JOB_ARN


def test_every_byte_of_a_stored_body_counts() -> None:
    package = sign_zip(make_zip({"a": b"0123456789"}, zipfile.ZIP_STORED), **signing_arguments())
    start = package.index(b"0123456789")
    for position in range(start, start + 10):
        changed = bytearray(package)
        changed[position] ^= 1
        with pytest.raises(IntegrityError, match="CRC-32 is wrong"):
            verify(bytes(changed))


def with_signature(entry: bytes, package: bytes | None = None) -> bytes:
    entries = entries_of(signed() if package is None else package)
    return make_zip({**dict(entries), SIGNATURE_ENTRY: entry})


PEM = signature_of(signed())
BROKEN = {
    "nothing": b"",
    "no zip": b"just text",
    "cut off": signed()[:-30],
    "an empty signature": with_signature(b""),
    "not PEM": with_signature(b"hello"),
    "another label": with_signature(PEM.replace(b"PKCS7", b"CMS")),
    "PEM twice": with_signature(PEM * 2),
    "text before it": with_signature(b"x" + PEM),
    "no base64": with_signature(b"-----BEGIN PKCS7-----\nA\n-----END PKCS7-----\n"),
    "no CMS": with_signature(b"-----BEGIN PKCS7-----\naGVsbG8=\n-----END PKCS7-----\n"),
    "the signature of another zip": with_signature(
        signature_of(sign_zip(make_zip({"x": b"y"}), **signing_arguments()))
    ),
    # zipfile warns when it writes a name twice, so the second one is put in afterwards
    "two signatures": rebuild_zip(
        signed(), [*entries_of(signed()), (f"{SIGNATURE_ENTRY[:-1]}G", PEM)]
    ).replace(f"{SIGNATURE_ENTRY[:-1]}G".encode(), SIGNATURE_ENTRY.encode()),
}


@pytest.mark.parametrize("policy", ["Enforce", "Warn"])
@pytest.mark.parametrize("archive", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_signature_always_blocks(archive: bytes, policy: str) -> None:
    with pytest.raises(IntegrityError) as refusal:
        verify(archive, policy=policy)

    assert str(refusal.value).startswith(f"{NOT_PROPERLY_SIGNED} (")


def test_a_certificates_name_of_a_wrong_length_is_not_trusted() -> None:
    organization, country = b"\x55\x04\x0a", b"\x55\x04\x06"
    cms = base64.b64decode(b"".join(PEM.split(b"\n")[1:-2]))
    text = base64.encodebytes(cms.replace(organization, country))

    with pytest.raises(UntrustedError):
        verify(with_signature(b"-----BEGIN PKCS7-----\n" + text + b"-----END PKCS7-----\n"))


# --- the findings that follow the policy


def old_leaf() -> bytes:
    """Signed with a leaf that had run out before the signing time in the signature."""
    identity = authority().identity("us-east-1", NOW)
    return signed(identity=identity, signing_time=NOW + timedelta(days=30))


def foreign() -> bytes:
    return signed(identity=CertificateAuthority("210987654321").identity("us-east-1", NOW))


@pytest.mark.parametrize(
    ("archive", "options", "error", "message"),
    [
        (SOURCE, {}, UntrustedError, f"{NOT_ACCEPTED} (It is not signed.)"),
        (foreign(), {}, UntrustedError, f"{NOT_ACCEPTED} (Its certificate chain ends at none"),
        (old_leaf(), {}, UntrustedError, f"{NOT_ACCEPTED} (Its certificate chain is not good at"),
        (
            signed(),
            {"publishers": [OTHER]},
            MismatchError,
            f"{NOT_ACCEPTED} (It was signed by arn:",
        ),
        (signed(), {"publishers": []}, MismatchError, NOT_ACCEPTED),
        (signed(), {"publishers": [PROFILE_ARN]}, MismatchError, NOT_ACCEPTED),
        (signed(), {"publishers": [PROFILE_VERSION_ARN.lower()]}, MismatchError, NOT_ACCEPTED),
        (signed(), {"at": EXPIRY}, ExpiredError, "The signature expired at 2038-02-21"),
        (
            signed(),
            {"revocation": Revocations(JOB_ARN)},
            RevokedError,
            f"Resource(s) {JOB_ARN} have been revoked.",
        ),
    ],
    ids=[
        "unsigned",
        "another account",
        "old leaf",
        "another version",
        "no publisher",
        "a profile, not a version",
        "another case",
        "expired",
        "revoked",
    ],
)
def test_findings_block_or_warn(
    archive: bytes, options: dict[str, Any], error, message: str
) -> None:
    with pytest.raises(error) as refusal:
        verify(archive, **options)
    assert str(refusal.value).startswith(message)

    result = verify(archive, **options, policy="Warn")

    assert [type(warning) for warning in result.warnings] == [error]
    assert str(result.warnings[0]) == str(refusal.value)


def test_under_warn_all_findings_come_back_in_order() -> None:
    result = verify(foreign(), [OTHER], at=EXPIRY, revocation=Revocations("ab"), policy="Warn")

    kinds = [UntrustedError, MismatchError, ExpiredError, RevokedError]
    assert [type(warning) for warning in result.warnings] == kinds
    assert result.profile_version_arn == PROFILE_VERSION_ARN


def test_an_unsigned_package_under_warn_has_empty_fields() -> None:
    result = verify(SOURCE, policy="Warn")

    assert len(result.warnings) == 1
    assert result == VerifiedSignature(None, None, None, None, (), result.warnings)


def test_a_good_package_has_no_warnings() -> None:
    assert verify(signed(), policy="Warn", revocation=Revocations()).warnings == ()


def test_one_allowed_publisher_is_enough_and_none_allows_all() -> None:
    verify(signed(), [OTHER, PROFILE_VERSION_ARN])
    verify(signed(), None)


def test_the_arn_of_a_profile_is_no_publisher_and_the_message_says_so() -> None:
    profile = PROFILE_VERSION_ARN.rpartition("/")[0]

    with pytest.raises(MismatchError, match="Publishers are ARNs of profile versions"):
        verify(signed(), [profile])
    with pytest.raises(MismatchError, match=r"allowed are \[[^]]*\]\.\)$"):
        verify(signed(), [OTHER])


def test_errors_are_named_by_the_module_that_users_import() -> None:
    with pytest.raises(IntegrityError) as refusal:
        verify(b"")
    assert refusal.type.__module__ == "signer_mock.verify"
    assert pickle.loads(pickle.dumps(refusal.value)).args == refusal.value.args


def test_the_message_names_the_function() -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"

    with pytest.raises(MismatchError, match=f"Check the provided signature for {arn}"):
        verify(signed(), [OTHER], function_arn=arn)


def test_a_signature_ends_at_its_expiry_to_the_millisecond() -> None:
    end = EXPIRY.replace(microsecond=123000)

    verify(signed(), at=end - timedelta(milliseconds=1))
    with pytest.raises(ExpiredError):
        verify(signed(), at=end)


def test_a_leaf_may_have_expired_since() -> None:
    verify(signed(), at=NOW + timedelta(days=3650))


def test_under_a_clock_frozen_in_2031() -> None:
    at = NOW.replace(year=2031)

    assert verify(signed(signing_time=at), at=at).signed_at == at.replace(microsecond=123000)


def test_revocation_is_asked_about_what_signed() -> None:
    revocations = Revocations()
    arguments = signing_arguments()

    verify(sign_zip(SOURCE, **arguments), revocation=revocations)

    assert revocations.asked == [
        {
            "platform_id": LAMBDA,
            "profile_version_arn": PROFILE_VERSION_ARN,
            "job_arn": JOB_ARN,
            "signature_timestamp": NOW.replace(microsecond=123000),
            "certificate_hashes": certificate_hashes(arguments["identity"].certificates),
        }
    ]


def test_the_time_of_verification_is_now_unless_given() -> None:
    past = NOW.replace(year=2001)
    package = signed(signing_time=past, expiry=past + timedelta(days=1))

    with pytest.raises(ExpiredError):
        verify(package, at=None)
    verify(package, at=past)


def test_a_signature_moved_to_equal_content_is_good() -> None:
    assert verify(with_signature(PEM)).job_arn == JOB_ARN


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"policy": "enforce"}, ValueError, "policy must be 'Enforce' or 'Warn', not 'enforce'"),
        ({"at": NOW.replace(tzinfo=None)}, ValueError, "no time zone"),
        ({"publishers": PROFILE_VERSION_ARN}, TypeError, "allowed_publishers must be a list"),
    ],
)
def test_invalid_arguments_are_the_callers_mistake(options, error, message: str) -> None:
    with pytest.raises(error, match=message):
        verify(signed(), **options)


def test_bytes_that_are_no_archive_are_reported_as_such() -> None:
    with pytest.raises(IntegrityError, match=r"\(The archive cannot be read: [^.]+\.\)$"):
        verify(b"no archive")


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (4, "is split over several disks"),
        (6, "is split over several disks"),
        (8, "promises 6 entries in all and 7 on its only disk"),
        (10, "promises 7 entries in all and 6 on its only disk"),
    ],
)
def test_an_archive_of_several_disks_is_refused(field: int, message: str) -> None:
    package = bytearray(signed())
    package[package.rindex(b"PK\x05\x06") + field] += 1

    with pytest.raises(IntegrityError, match=message):
        verify(bytes(package))
