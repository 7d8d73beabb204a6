"""What tests against other people's programs share."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from signer_mock import SignerMock
from tests.interop import go_tools
from tests.interop.go_tools import GoTools, Notary


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep these tests on one xdist worker, which builds the programs, and wait for that."""
    item.add_marker(pytest.mark.xdist_group("interop"))
    item.add_marker(pytest.mark.timeout(go_tools.BUILD_SECONDS + 60))


@pytest.fixture(scope="session")
def go(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> GoTools:
    """The programs in notation/, built once; a machine without Go skips, a failed build fails."""
    reason = go_tools.why_not()
    if reason is not None:
        pytest.skip(reason)
    return go_tools.build(_folder(pytestconfig, tmp_path_factory))


@pytest.fixture(scope="session")
def admission(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program in admission/, built once; a Go that is too old for Kyverno skips."""
    reason = go_tools.why_not(go_tools.OLDEST_GO_OF_ADMISSION)
    if reason is not None:
        pytest.skip(reason)
    return go_tools.build_admission(_folder(pytestconfig, tmp_path_factory))


def _folder(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # kept from run to run, as Go's own caches are; each xdist worker has its own
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    cache = getattr(pytestconfig, "cache", None)  # gone with -p no:cacheprovider
    if cache is None:
        return tmp_path_factory.mktemp("interop-go")
    return cache.mkdir(f"interop-go{worker}")  # type: ignore[no-any-return]  # None is no cache


@pytest.fixture(scope="session")
def notary(go: GoTools) -> Iterator[Notary]:
    """The judge of envelopes; it needs nothing from its environment, and calls nobody."""
    with Notary(go.notary, os.environ) as running:
        yield running


REAL_PLUGIN = go_tools.real_plugin()


@pytest.fixture(params=["stand-in", *(["AWS's own"] if REAL_PLUGIN else [])])
def plugin(request: pytest.FixtureRequest, go: GoTools) -> Path:
    """The plugin's executable: the stand-in, and AWS's own where somebody has installed it."""
    if request.param == "stand-in":
        return go.plugin
    assert REAL_PLUGIN is not None
    return REAL_PLUGIN


@pytest.fixture
def real_plugin() -> Path:
    """AWS's own plugin, for what only it can say."""
    if REAL_PLUGIN is None:
        pytest.skip(
            "AWS's Notation plugin is not installed; "
            f"{go_tools.REAL_PLUGIN_VARIABLE} may name its executable"
        )
    return REAL_PLUGIN


@pytest.fixture
def aws_environment(signer_mock: SignerMock, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """The environment of a process whose AWS clients call the mock, over HTTP.

    GetRevocationStatus goes to a host `data-127.0.0.1`, or `verification.127.0.0.1` with older
    SDKs, which nobody resolves, and Go's SDK has no switch for that. As a proxy, the mock gets the
    request all the same. Go uses no proxy for 127.0.0.1 itself.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("AWS_") and not name.upper().endswith("_PROXY")
    }
    with signer_mock.serve() as server:
        yield {
            **kept,
            **server.environ(),
            "HTTP_PROXY": server.url,
            "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
        }
