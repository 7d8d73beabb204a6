"""What fresh processes measure of themselves; this module imports nothing but ``time``."""

from __future__ import annotations

import time
from typing import Any


def import_ours() -> float:
    import boto3  # noqa: F401 - measured against

    started = time.process_time()
    from signer_mock import mock_signer  # noqa: F401 - what is measured

    return time.process_time() - started


def import_moto() -> float:
    import boto3  # noqa: F401 - measured against

    started = time.process_time()
    from moto import mock_aws  # noqa: F401 - what is measured

    return time.process_time() - started


def first_use_ours() -> float:
    import boto3  # noqa: F401 - measured against

    started = time.process_time()
    from signer_mock import mock_signer

    return _first_use(started, mock_signer())


def first_use_moto() -> float:
    import boto3  # noqa: F401 - measured against

    started = time.process_time()
    from moto import mock_aws

    return _first_use(started, mock_aws())


def _first_use(started: float, mock: Any) -> float:
    """Import, start and first call; the client is made in between, which is not counted."""
    mock.start()
    before_the_client = time.process_time() - started
    from benchmarks.canned import LAMBDA, client

    made = client()
    return before_the_client + _time(
        lambda: made.put_signing_profile(profileName="release", platformId=LAMBDA)
    )


def cycle_ours(rounds: int = 1000) -> float:
    from signer_mock import mock_signer

    return _cycle(mock_signer, rounds)


def cycle_moto(rounds: int = 200) -> float:
    from moto import mock_aws

    return _cycle(mock_aws, rounds)


def cycle_ours_quick() -> float:
    return cycle_ours(10)


def cycle_moto_quick() -> float:
    return cycle_moto(3)


def _cycle(mock: Any, rounds: int) -> float:
    with mock():
        pass
    started = time.process_time()
    for _ in range(rounds):
        with mock():
            pass
    return (time.process_time() - started) / rounds


def first_call() -> float:
    """The first call that the mock answers, beyond a call of the same client answered by hand."""
    from benchmarks.canned import canned_handler, client
    from signer_mock import mock_signer

    with mock_signer():
        made, by_hand = client(), canned_handler(b'{"platforms":[]}', {})
        made.meta.events.register("before-send.signer", by_hand)
        made.list_signing_platforms()
        canned = _time(made.list_signing_platforms)
        made.meta.events.unregister("before-send.signer", by_hand)
        return _time(made.list_signing_platforms) - canned


def first_signature() -> float:
    """The first SignPayload of a process, whose keys are made for it, beyond a canned one."""
    from benchmarks.canned import NOTATION, canned_client, client, sign
    from signer_mock import mock_signer

    with mock_signer():
        made = client()
        made.put_signing_profile(profileName="oci", platformId=NOTATION)
        made.get_signing_profile(profileName="oci")
        by_hand = canned_client(b'{"jobId":"1","metadata":{},"signature":"AAAA"}', {})
        sign(by_hand)
        canned = _time(lambda: sign(by_hand))
        return _time(lambda: sign(made)) - canned


def four_keys() -> float:
    """What no signature with a chain of three certificates can do without."""
    from benchmarks.canned import PAYLOAD

    started = time.process_time()
    from cryptography import x509  # noqa: F401 - certificates
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: F401 - as above
    from cryptography.hazmat.primitives.asymmetric import ec

    for _ in range(4):
        ec.generate_private_key(ec.SECP384R1()).sign(PAYLOAD, ec.ECDSA(hashes.SHA384()))
    return time.process_time() - started


def _time(call: Any) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started
