"""The types of what a mock hands out, for annotations.

A mock makes these objects itself: take them from it. The records of its state are in
``signer_mock.records``, the server is in ``signer_mock.server``.
"""

from __future__ import annotations

from signer_mock._mock.accounts import Account, Policy, Principal
from signer_mock._service.calls import Call, CallLog
from signer_mock._service.clock import Clock
from signer_mock._service.code_signing import Deployment
from signer_mock._service.fault import Fault
from signer_mock._service.faults import Faults
from signer_mock._service.job_controls import JobControls
from signer_mock._service.world import Snapshot

__all__ = [
    "Account",
    "Call",
    "CallLog",
    "Clock",
    "Deployment",
    "Fault",
    "Faults",
    "JobControls",
    "Policy",
    "Principal",
    "Snapshot",
]
