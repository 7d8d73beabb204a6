"""All state of one mock: accounts, and what each holds in each region.

Everything that changes is reached from a ``World``; a ``Context`` is a world as one call sees it.
"""

from __future__ import annotations

import copy
import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from signer_mock._service.callers import Caller, identify
from signer_mock._service.calls import Call, CallLog
from signer_mock._service.clock import Clock
from signer_mock._service.code_signing import CodeSigning, Deployment
from signer_mock._service.faults import Faults
from signer_mock._service.ids import IdSource
from signer_mock._service.image_signing import ImageSigning
from signer_mock._service.job_controls import HeldJob, JobControls, JobControlsState
from signer_mock._service.log import EventLog
from signer_mock._service.other_services import OtherServices
from signer_mock._service.paging import Paginator
from signer_mock._service.saved_regions import SavedRegions
from signer_mock._service.stores import AccountStore, CodeSigningCertificate, RegionStore
from signer_mock.errors import InvalidArgumentError, StrictError
from signer_mock.objects import Bucket, InMemoryObjects, ObjectStore

if TYPE_CHECKING:
    from signer_mock._service.identity_policy import IdentityPolicies
    from signer_mock.records import Records, SigningJob

ProfileRetention = Literal["two years", "signatures"]


class Snapshot(NamedTuple):
    """A world's state at one moment; only ``World.restore`` looks into it."""

    world: World
    regions: SavedRegions
    accounts: dict[str, tuple[AccountStore, dict[str, CodeSigningCertificate]]]
    objects: tuple[dict[str, Bucket], int]
    clock: Clock
    ids: IdSource
    revoked_certificates: set[str]
    paginator: Paginator
    calls: Sequence[Call]
    events: Sequence[Mapping[str, Any]]
    held_jobs: JobControlsState
    code_signing: tuple[Any, Sequence[Deployment]]
    identity_policies: dict[tuple[str, ...], IdentityPolicies | None]
    image_signing: ImageSigning

    def __repr__(self) -> str:
        return f"<Snapshot of {len(self.calls)} calls at {self.clock.now():%Y-%m-%d %H:%M:%S} UTC>"


class World:
    """The state of one mock.

    Args:
        account_id: The account of callers whose key names none.
        region: The region of requests that name none.
        seed: Makes ids, keys and signatures repeatable, except for RSA keys.
        log_limit: How many of the newest calls and events are kept; None keeps all.
        operations: The names of all operations.
        finish_job: Ends a held job.
        list_jobs: The records of all jobs.
    """

    def __init__(
        self,
        account_id: str,
        region: str,
        seed: int | str | None,
        *,
        log_limit: int | None,
        operations: Iterable[str],
        finish_job: Callable[[World, HeldJob, str | None], None],
        list_jobs: Callable[[World], Records[SigningJob]],
    ) -> None:
        operations = tuple(operations)
        self.lock = threading.RLock()
        #: Whether a thread answers a call with the lock held; others then let it finish.
        self.is_answering = False
        self.account_id = account_id
        self.region = region
        self.clock = Clock()
        self._seed = seed
        self.ids = IdSource(seed)
        self.calls = CallLog(operations, log_limit)
        self.faults = Faults(operations)
        self.code_signing = CodeSigning()
        #: (account, ``role/NAME`` or ``user/NAME``) -> policies; None asks IAM, which moto mocks.
        self.identity_policies: dict[tuple[str, ...], IdentityPolicies | None] = {}
        self.image_signing = ImageSigning()
        self.job_controls = JobControls(
            self.lock, partial(finish_job, self), partial(list_jobs, self)
        )
        #: Changes when the state is replaced, so that a job that runs without the lock notices.
        self.epoch = 0
        self._busy: dict[tuple[str, str, str], threading.Event] = {}
        #: One for each ended job and account, as EventBridge delivers it.
        self.events = EventLog(log_limit)
        self.others = OtherServices()
        self.memory_objects = InMemoryObjects()
        #: Where signing jobs read and write; the mock replaces it by a choice made per call.
        self.object_store: Callable[[], ObjectStore] = lambda: self.memory_objects
        #: Revoked certificates: hex SHA-384 of the TBSCertificate, alone or with its issuer's.
        self.revoked_certificates: set[str] = set()
        #: How long canceled and revoked profiles stay.
        self.profile_retention: ProfileRetention = "two years"
        self.paginator = Paginator(self._token_key())
        self._accounts: dict[str, AccountStore] = {}
        self._regions: dict[tuple[str, str], RegionStore] = {}

    def _token_key(self) -> bytes:
        if self._seed is None:
            return os.urandom(16)
        return hashlib.sha256(f"tokens/{self._seed!r}".encode()).digest()

    def reset(self, *, keep_keys: bool = False) -> None:
        """Discard all state, but keep the object store and the other services.

        Args:
            keep_keys: Keep the certificate authorities, so that trust roots stay valid.
        """
        with self.lock:
            self.epoch += 1
            self.faults.reset()
            self.code_signing.reset()
            self.identity_policies.clear()
            self.image_signing = ImageSigning()
            self.job_controls.reset()
            kept = [account for account in self.accounts() if account.has_authority]
            self.calls.clear()
            self.events.clear()
            self.clock.resume()
            self.ids = IdSource(self._seed)
            self.memory_objects.clear()
            self.revoked_certificates.clear()
            self.profile_retention = "two years"
            self.paginator = Paginator(self._token_key())
            self._accounts.clear()
            self._regions.clear()
            for account in kept if keep_keys else ():
                self.account(account.account_id).authority = account.authority

    def snapshot(self) -> Snapshot:
        """Copy the state; key material is shared, not copied."""
        with self.lock:
            return Snapshot(
                world=self,
                regions=SavedRegions(self._regions),
                accounts={
                    name: (account, dict(account.certificates))
                    for name, account in self._accounts.items()
                },
                objects=self.memory_objects.export(),
                clock=copy.copy(self.clock),
                ids=self.ids if self._seed is None else copy.deepcopy(self.ids),
                revoked_certificates=set(self.revoked_certificates),
                paginator=self.paginator,
                calls=tuple(self.calls),
                events=tuple(self.events),
                held_jobs=self.job_controls.export(),
                code_signing=self.code_signing.export(),
                identity_policies=dict(self.identity_policies),
                image_signing=self.image_signing.copy(),
            )

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by a snapshot's, which can be restored again later.

        Raises:
            InvalidArgumentError: It is no snapshot.
        """
        if not isinstance(snapshot, Snapshot):
            msg = f"mock.restore takes what mock.snapshot() returned, not {snapshot!r:.80}."
            raise InvalidArgumentError(msg)
        with self.lock:
            self.epoch += 1
            saved = snapshot.regions
            self._regions = saved.restored() if snapshot.world is self else saved.copied()
            self._accounts = {}
            for name, (account, certificates) in snapshot.accounts.items():
                self._accounts[name] = account
                account.certificates = dict(certificates)
            self.memory_objects.restore(*snapshot.objects)
            vars(self.clock).update(vars(snapshot.clock))
            if self._seed is not None:
                self.ids = copy.deepcopy(snapshot.ids)
            self.revoked_certificates = set(snapshot.revoked_certificates)
            self.paginator = snapshot.paginator
            self.calls.restore(snapshot.calls)
            self.events.restore(snapshot.events)
            self.job_controls.restore(snapshot.held_jobs)
            self.code_signing.restore(snapshot.code_signing)
            self.identity_policies = dict(snapshot.identity_policies)
            self.image_signing = snapshot.image_signing.copy()

    def settle(self) -> None:
        """End the signing jobs whose time has come, by the mock's clock."""
        with self.lock:
            self.job_controls.settle(self.clock.now())

    def require_as_expected(self) -> None:
        """Check a strict test's expectations; report the problems only once.

        Raises:
            StrictError: A call was not expected, or a fault or an expected call never came.
        """
        if not self.calls.is_strict:
            return
        self.calls.always_strict = False
        problems = [
            *self.calls.take_problems(),
            *(f"{fault} never fired" for fault in self.faults.pending if fault.times is not None),
        ]
        if problems:
            msg = "The strict mock was not used as expected:\n" + "\n".join(
                f"  {problem}" for problem in problems
            )
            raise StrictError(msg)

    @contextmanager
    def released(self) -> Iterator[None]:
        """Give the lock back for the length of a block that may take long.

        Within it bytes are read, inflated, hashed, signed and written, and the state may change.
        """
        self.is_answering = False
        self.lock.release()
        try:
            yield
        finally:
            self.lock.acquire()

    @contextmanager
    def one_at_a_time(self, key: tuple[str, str, str]) -> Iterator[None]:
        """Let only one call at a time into a block that gives the lock back; others wait."""
        while (busy := self._busy.get(key)) is not None:
            with self.released():
                busy.wait()
        self._busy[key] = done = threading.Event()
        try:
            yield
        finally:
            del self._busy[key]
            done.set()

    def identify(self, access_key: str, session_token: str | None, region: str) -> Caller:
        """Find the caller behind an access key; see ``callers.identify``."""
        return identify(
            access_key,
            session_token,
            region,
            default_account=self.account_id,
            find_caller=self.others.find_caller,
        )

    def policies_of(self, caller: Caller) -> IdentityPolicies | None:
        """Return a caller's own policies, or None where everything is allowed.

        Raises:
            SignerMockError: IAM has a policy of the caller that the mock does not support.
        """
        arn = caller.role_arn or caller.arn
        # Without the partition: it is the same principal in every region.
        key = tuple(arn.split(":")[4:])
        if key not in self.identity_policies:
            return None
        from signer_mock._service.identity_policy import read_policies

        return self.identity_policies[key] or read_policies(self.others.policies_of(arn) or [])

    def account_of(self, access_key: str) -> str:
        """Find the account of the caller behind an access key."""
        return self.identify(access_key, None, self.region).account_id

    def account(self, account_id: str) -> AccountStore:
        """Return an account's store; every account exists once it is named."""
        account = self._accounts.get(account_id)
        if account is None:
            with self.lock:
                account = self._accounts.setdefault(
                    account_id, AccountStore(account_id, self._seed)
                )
        return account

    def accounts(self) -> list[AccountStore]:
        """Return every account that was named so far."""
        with self.lock:
            return list(self._accounts.values())

    def trust_roots(self) -> dict[str, bytes]:
        """Return, by account, the trust root in PEM of each account that has one."""
        return {
            account.account_id: account.authority.trust_root_pem
            for account in self.accounts()
            if account.has_authority
        }

    def stores(self) -> dict[tuple[str, str], RegionStore]:
        """Return what each account holds in each region that it called."""
        with self.lock:
            return dict(self._regions)

    def store(self, account_id: str, region: str) -> RegionStore:
        """Return what an account holds in a region."""
        store = self._regions.get((account_id, region))
        if store is None:
            with self.lock:
                store = self._regions.setdefault((account_id, region), RegionStore())
        return store

    def look_into(self, account_id: str, region: str) -> RegionStore:
        """Return what another account holds in a region: empty, and not kept, if it is new.

        Requests may name any account and region; a look-up must not create them.
        """
        return self._regions.get((account_id, region)) or RegionStore()
