"""The pytest plugin: fixtures, a marker, an ini option, and the calls of a failed test."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator, Iterator, Mapping, MutableSequence, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mypy_boto3_signer.client import SignerClient

    from signer_mock._mock.mock import SignerMock
    from signer_mock.server import SignerServer

_AUTOUSE = "signer_mock_autouse"
#: Fixtures that undo changes after a decorated test has ended; the second is pytest-mock's.
_UNDO_LATE = ("monkeypatch", "mocker")
_ENVIRONMENTS: pytest.StashKey[dict[str, Mapping[str, str]]] = pytest.StashKey()
#: The classes with a hook or fixture of class scope.
_CLASSES: pytest.StashKey[set[pytest.Class | None]] = pytest.StashKey()
#: A fixture of a wider scope asks for a fixture of each test.
_NARROW = r"ScopeMismatch: .* scoped fixture (signer_mock|signer_client)\b"
_SCOPES = ("off", "function", "session")
_MARKER = (
    "signer_mock(*, account_id=None, region_name=None, s3=None, block_other_aws=None, "
    "credentials=None, seed=None, strict=None): run the test in a mock of AWS Signer, with "
    "mock_signer's own arguments; they also go to the fixture signer_mock."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the ini option."""
    parser.addini(
        _AUTOUSE,
        "mock AWS Signer by default: 'function' gives each test a fresh mock, 'session' "
        "gives the whole run one (which wider fixtures and setUpClass see too), 'off' (default) "
        "leaves it to fixtures, markers and decorators",
        default="off",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and reject an invalid ini value."""
    config.addinivalue_line("markers", _MARKER)
    if config.getini(_AUTOUSE) not in _SCOPES:
        msg = f"{_AUTOUSE} = {config.getini(_AUTOUSE)}: expected one of {', '.join(_SCOPES)}."
        raise pytest.UsageError(msg)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Forget the previous test."""
    _recent("recent").clear()
    _recent("hints").clear()
    if environment := _loaded("_intercept.environment"):
        environment.forget()


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> None:
    """Note the environment in which monkeypatch begins."""
    if fixturedef.argname in _UNDO_LATE and fixturedef.scope == "function":
        seen = request.node.stash.setdefault(_ENVIRONMENTS, {})
        seen[fixturedef.argname] = {
            name: value for name, value in os.environ.items() if name.startswith("AWS_")
        }


def pytest_fixture_post_finalizer(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> None:
    """Correct the environment if monkeypatch is undone after the mock has stopped."""
    if fixturedef.argname in _UNDO_LATE and fixturedef.scope == "function":
        before = request.node.stash.get(_ENVIRONMENTS, {}).pop(fixturedef.argname, None)
        environment = _loaded("_intercept.environment")
        if environment and before is not None:  # pragma: no branch - a session without a mock
            environment.put_back_again(before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Fail a test with a strict mock that was not used as expected."""
    result = yield
    if activation := _loaded("_mock.activation"):
        activation.require_as_expected()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report the Signer calls of a failed test, and what may have been the mistake."""
    report = yield
    hints = [*_recent("hints"), *_mistakes(item, call)]
    if report.failed and hints:
        report.sections.append(("AWS Signer hints", "\n".join(hints)))
    calls = _recent("recent")
    if report.failed and calls:
        shorten = _loaded("_service.calls").shorten
        lines = [f"{call} {shorten(repr(dict(call.params)))}" for call in calls]
        report.sections.append(("AWS Signer calls", "\n".join(lines)))
    return report


def _recent(name: str) -> MutableSequence[Any]:
    calls = _loaded("_service.calls")
    return getattr(calls, name) if calls else []


def _mistakes(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[str]:
    error = call.excinfo.value if call.excinfo else None
    kind = type(error)
    if call.when == "setup" and re.match(_NARROW, str(error)):
        yield (
            "signer_mock and signer_client are new for each test. Let a fixture of a wider scope "
            "use signer_mock_session, and signer_mock_session.client('signer')."
        )
    if not kind.__module__.startswith(("botocore.", "signer_mock.")):
        return
    decorators = _loaded("_mock.decorators.functions")
    function = getattr(item, "function", None)
    mocked = bool(_recent("recent"))  # a mock has answered calls of the set-up
    if call.when == "setup" and not mocked and decorators and function in decorators.decorated:
        yield (
            "@mock_signer mocks the test itself; its fixtures run before the mock starts. Mark "
            "the test with @pytest.mark.signer_mock instead, let the fixture ask for the fixture "
            "signer_mock, or decorate the fixture's function too."
        )
    environment = _loaded("_intercept.environment")
    if kind.__name__ == "ProfileNotFound" and environment and environment.was_faked():
        yield (
            "mock_signer hides the profiles of ~/.aws/config while it is active. Leave "
            "profile_name out in the test, set AWS_CONFIG_FILE to a file of the test's own after "
            "the start of the mock, or keep yours with mock_signer(credentials='keep')."
        )


def _loaded(name: str) -> Any:
    # Load nothing for tests that use no mock.
    return sys.modules.get(f"signer_mock.{name}")


@pytest.fixture(scope="session")
def signer_mock_options() -> Mapping[str, Any]:
    """Return mock_signer's arguments for all mocks of the fixtures; override it to set them."""
    return {}


@pytest.fixture(scope="session")
def signer_mock_session(signer_mock_options: Mapping[str, Any]) -> Iterator[SignerMock]:
    """Start one mock of AWS Signer for the whole run; mocks of single tests share its state."""
    with _started(signer_mock_options) as mock:
        yield mock


@pytest.fixture
def signer_mock(
    request: pytest.FixtureRequest,
    signer_mock_options: Mapping[str, Any],
    _signer_mock_for_the_class: SignerMock | None,
) -> Iterator[SignerMock]:
    """Start a mock of AWS Signer (a SignerMock), fresh for each test."""
    of_class = _signer_mock_for_the_class
    with _started(signer_mock_options, request.node, shared=of_class is not None) as mock:
        before = None if of_class is None else of_class.snapshot()
        yield mock
        if of_class is not None and before is not None:
            of_class.restore(before)


@pytest.fixture
def signer_client(signer_mock: SignerMock) -> SignerClient:
    """Create a boto3 client of AWS Signer, for the mock's default account and region."""
    return signer_mock.client("signer")


@pytest.fixture
def signer_server() -> Iterator[SignerServer]:
    """Serve a mock over HTTP (a SignerServer), with a port and state of its own."""
    from signer_mock.server import serve_world

    with serve_world() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def _signer_mock_for_the_run(request: pytest.FixtureRequest) -> None:
    """Start signer_mock_session if the ini option says so."""
    if request.config.getini(_AUTOUSE) == "session":
        request.getfixturevalue("signer_mock_session")


@pytest.fixture(scope="class", autouse=True)
def _signer_mock_for_the_class(request: pytest.FixtureRequest) -> Iterator[SignerMock | None]:
    """Mock the set-up of a marked class too, and undo what each test changes in that state."""
    if request.cls is None or not _is_wanted(request) or not _has_set_up(request.node):
        yield None
        return
    options = request.getfixturevalue("signer_mock_options")
    with _started(options, request.node) as mock:
        yield mock if mock.owns_world else None


@pytest.fixture(autouse=True)
def _signer_mock_for_the_test(request: pytest.FixtureRequest) -> None:
    """Start signer_mock if a marker or the ini option says so."""
    if _is_wanted(request):
        request.getfixturevalue("signer_mock")


def _is_wanted(request: pytest.FixtureRequest) -> bool:
    marked = request.node.get_closest_marker("signer_mock") is not None
    return marked or request.config.getini(_AUTOUSE) == "function"


def _has_set_up(cls: pytest.Class) -> bool:
    """Tell whether a hook or a fixture sets up something for the whole class."""
    from signer_mock._mock.decorators.members import has_hook

    framework: Any = sys.modules.get("unittest")
    if framework and issubclass(cls.obj, framework.TestCase):
        hooks = ("setUpClass", "tearDownClass")
        if any(has_hook(cls.obj, name, framework.TestCase) for name in hooks):
            return True
    stash = cls.session.stash
    if _CLASSES not in stash:
        # pytest makes fixtures of the hooks too, and of unittest's even if there are none.
        stash[_CLASSES] = {
            item.getparent(pytest.Class)
            for item in cls.session.items
            for name, definitions in _fixtures_of(item).items()
            if not name.startswith(("_signer_mock_", "_unittest_"))
            and any(definition.scope == "class" for definition in definitions)
        }
    return cls in stash[_CLASSES]


def _fixtures_of(item: pytest.Item) -> Mapping[str, Sequence[pytest.FixtureDef[Any]]]:
    info = getattr(item, "_fixtureinfo", None)
    return getattr(info, "name2fixturedefs", {})


@contextmanager
def _started(
    defaults: Mapping[str, Any], node: Any = None, *, shared: bool = False
) -> Iterator[SignerMock]:
    from signer_mock._mock.mock_signer import mock_signer
    from signer_mock.errors import ActivationError

    options = dict(defaults)
    for marker in reversed(list(node.iter_markers("signer_mock")) if node else []):
        if marker.args:
            pytest.fail(
                "@pytest.mark.signer_mock takes keyword arguments only, as mock_signer does; "
                f"got {marker.args!r}.",
                pytrace=False,
            )
        options.update(marker.kwargs)
    refusal = ""
    try:
        mock = mock_signer(**options).start()
    except (ActivationError, TypeError) as error:
        refusal = f"signer_mock cannot be started: {error}"
    if refusal:
        if shared:
            refusal += (
                f"\nThe outer mock is that of {node.cls.__name__}, which has a set-up of its own. "
                "Give the arguments to the marker of the class, or move the test out of it."
            )
        pytest.fail(refusal, pytrace=False)
    try:
        yield mock
    finally:
        mock.stop()
