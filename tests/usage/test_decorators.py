"""``@mock_signer`` on functions of every kind: the body runs, and runs mocked."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import unittest
from typing import Any

import pytest

from signer_mock import SignerMock, mock_signer
from signer_mock._intercept.guard import current
from signer_mock._mock.decorators.spans import Spans
from signer_mock.errors import ActivationError
from tests.helpers.usage import environment, names, put, signer


def test_a_function_runs_in_a_fresh_mock_each_time_and_returns_its_result():
    @mock_signer
    def sign(name, *, twice=False):
        put(name)
        return names(), twice

    assert sign("first") == (["first"], False)
    assert sign("second", twice=True) == (["second"], True)


def test_a_coroutine_function_is_mocked_while_it_runs():
    @mock_signer()
    async def sign(name):
        put(name)
        await asyncio.sleep(0)
        return names()

    assert inspect.iscoroutinefunction(sign)
    assert asyncio.run(sign("profile")) == ["profile"]


def test_a_generator_is_mocked_from_its_first_step_to_its_end():
    @mock_signer
    def steps():
        put("before")
        received = yield names()
        put(received)
        return names()

    assert inspect.isgeneratorfunction(steps)
    generator = steps()
    assert next(generator) == ["before"]
    assert names() == ["before"], "the mock is active while the generator is suspended"
    with pytest.raises(StopIteration) as end:
        generator.send("after")
    assert end.value.value == ["after", "before"]


def test_an_async_generator_is_driven_as_without_the_decorator():
    @mock_signer
    async def steps():
        put("start")
        received = yield names()
        put(received)
        try:
            yield names()
        except KeyError:
            yield "thrown"

    async def drive():
        generator = steps()
        assert await generator.__anext__() == ["start"]
        assert await generator.asend("sent") == ["sent", "start"]
        assert await generator.athrow(KeyError()) == "thrown"
        with pytest.raises(StopAsyncIteration):
            await generator.__anext__()

    assert inspect.isasyncgenfunction(steps)
    asyncio.run(drive())


def test_an_async_generator_that_is_left_early_cleans_up_inside_the_mock():
    seen = []

    @mock_signer
    async def steps():
        put("kept")
        try:
            yield 1
        finally:
            seen.extend(names())

    async def leave():
        generator = steps()
        await generator.__anext__()
        await generator.aclose()

    asyncio.run(leave())
    assert seen == ["kept"]


def test_an_async_context_manager_sees_the_exception_of_its_body():
    @contextlib.asynccontextmanager
    @mock_signer
    async def profile():
        put("inside")
        try:
            yield
        except LookupError:
            put("caught")
            assert names() == ["caught", "inside"]

    async def use():
        async with profile():
            raise LookupError

    asyncio.run(use())


@pytest.mark.parametrize("order", ["mock on top", "manager on top"])
def test_a_context_manager_function_is_mocked_in_either_order(order):
    def manager():
        put("inside")
        yield
        assert names() == ["inside"]

    if order == "mock on top":
        decorated = mock_signer(contextlib.contextmanager(manager))
    else:
        decorated = contextlib.contextmanager(mock_signer(manager))
    with decorated():
        assert names() == ["inside"]


@pytest.mark.parametrize("kind", ["coroutine", "generator", "async generator"])
def test_a_body_that_another_decorator_hides_is_mocked_too(kind):
    async def coroutine():
        put("hidden")
        return names()

    def generator():
        put("hidden")
        yield names()

    async def async_generator():
        put("hidden")
        yield names()

    def hide(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args)

        return wrapper

    async def first_of(iterator):
        items = [item async for item in iterator]
        return items[0]

    bodies = {
        "coroutine": lambda: asyncio.run(mock_signer(hide(coroutine))()),
        "generator": lambda: next(iter(mock_signer(hide(generator))())),
        "async generator": lambda: asyncio.run(first_of(mock_signer(hide(async_generator))())),
    }
    assert bodies[kind]() == ["hidden"]


def test_methods_of_every_kind_can_be_decorated_one_by_one():
    class Signing:
        def __init__(self):
            self.prefix = "own_"

        @mock_signer
        def plain(self, name):
            put(self.prefix + name)
            return names()

        @mock_signer
        @classmethod
        def of_class(cls, name):
            put(cls.__name__ + name)
            return names()

        @classmethod
        @mock_signer
        def of_class_too(cls, name):
            put(cls.__name__ + name)
            return names()

        @mock_signer
        @staticmethod
        def static(name):
            put(name)
            return names()

    assert Signing().plain("x") == ["own_x"]
    assert Signing.of_class("1") == ["Signing1"]
    assert Signing.of_class_too("2") == ["Signing2"]
    assert Signing.static("st") == Signing().static("st") == ["st"]


def test_partials_and_callable_objects_can_be_decorated():
    class Plain:
        def __call__(self, name):
            put(name)
            return names()

    class Asynchronous:
        async def __call__(self, name):
            put(name)
            return names()

    def two(first, second):
        put(first + second)
        return names()

    assert mock_signer(Plain())("pl") == ["pl"]
    assert asyncio.run(mock_signer(Asynchronous())("as")) == ["as"]
    assert mock_signer(functools.partial(two, "a"))("b") == ["ab"]


def test_name_documentation_signature_and_attributes_are_kept():
    def original(one: int, *, two: str = "x") -> bool:
        """What it does."""
        return bool(one or two)

    vars(original)["mark"] = "kept"
    decorated = mock_signer(original)
    assert decorated.__name__ == "original"
    assert decorated.__doc__ == "What it does."
    assert inspect.signature(decorated) == inspect.signature(original)
    assert vars(decorated) == {"mark": "kept", "__wrapped__": original}


def test_an_exception_passes_through_and_ends_the_mock():
    @mock_signer
    def fail():
        put("profile")
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        fail()
    with mock_signer():
        assert names() == []


def test_the_decorating_mock_is_the_handle_of_the_test():
    mock = mock_signer(region_name="eu-west-1")

    @mock
    def sign():
        put("profile", signer())
        assert mock.region_name == "eu-west-1"
        assert [call.operation for call in mock.calls] == ["PutSigningProfile"]

    sign()
    assert [call.region for call in mock.calls] == ["eu-west-1"], "it can be looked at afterwards"


def test_recursion_shares_the_outer_world():
    @mock_signer
    def sign(depth):
        put(f"at_{depth}")
        return sign(depth - 1) if depth else names()

    assert sign(2) == ["at_0", "at_1", "at_2"]


async def _coroutine():
    """Never run."""


def _refused():
    coroutine = _coroutine()
    coroutine.close()
    fixture = pytest.fixture(lambda: 1)
    return [
        (fixture, "Put @pytest.fixture on top, and @mock_signer below it"),
        (property(lambda self: 1), "Put @property on top"),
        (coroutine, "without calling it"),
        ((item for item in "x"), "without calling it"),
        ("eu-west-1", r"mock_signer\(region_name='eu-west-1'\)"),
        (42, "42 is neither"),
    ]


@pytest.mark.parametrize(("target", "advice"), _refused(), ids=lambda item: type(item).__name__)
def test_what_cannot_be_decorated_is_refused_with_advice(target, advice):
    with pytest.raises(ActivationError, match=advice):
        mock_signer(target)


@pytest.mark.parametrize("broken", ["snapshot", "restore"])
def test_a_failing_snapshot_or_restore_still_ends_the_mock(broken, monkeypatch):
    @mock_signer
    class Decorated(unittest.TestCase):
        def test_it(self):
            put("here")

    def fail(*_arguments):
        raise RuntimeError(broken)

    before = environment()
    monkeypatch.setattr(SignerMock, broken, fail)
    monkeypatch.setattr(Spans, "test_shares_class_world", lambda *_: True)
    with pytest.raises(RuntimeError, match=broken):
        Decorated("test_it").run()
    assert current() is None
    assert environment() == before


def test_only_test_classes_within_a_class_are_decorated():
    @mock_signer
    class TestOuter:
        class Helper:
            def is_mocked(self):
                return current() is not None

        class TestInner:
            def is_mocked(self):
                return current() is not None

    assert not TestOuter.Helper().is_mocked()
    assert TestOuter.TestInner().is_mocked()


def test_fixtures_of_a_class_are_left_alone_whatever_their_kind():
    @mock_signer
    class TestIt:
        @classmethod
        @pytest.fixture
        def of_class(cls):
            """A fixture."""

        @pytest.fixture
        def setup_method(self):
            """A fixture with a hook's name."""

        fixtures = of_class, setup_method

    assert TestIt.__dict__["of_class"] is TestIt.fixtures[0]
    assert TestIt.__dict__["setup_method"] is TestIt.fixtures[1]


def test_init_subclass_and_a_set_up_without_classmethod_stay_as_they_are():
    seen: list[tuple[str, bool]] = []

    @mock_signer
    class TestBase:
        def __init_subclass__(cls, label):
            seen.append((label, current() is None))

        def setup_class(cls: Any) -> None:  # noqa: N805 - pytest takes it without classmethod
            seen.append((cls.__name__, current() is None))

    class TestDerived(TestBase, label="derived"):
        pass

    cls: Any = TestDerived
    cls.setup_class()
    cls.teardown_class()
    assert seen == [("derived", True), ("TestDerived", False)]
    assert current() is None


def test_a_set_up_that_fails_within_another_ends_the_mock():
    @mock_signer
    class TestBase:
        def setup_method(self):
            msg = "no"
            raise RuntimeError(msg)

    mocked = []

    class TestDerived(TestBase):
        def setup_method(self):
            try:
                super().setup_method()
            finally:
                mocked.append(current() is not None)

    with pytest.raises(RuntimeError, match="no"):
        TestDerived().setup_method()
    assert mocked == [True], "the inner hook left it to the outer one"
    assert current() is None


def test_a_skipped_class_ends_its_mock_once():
    @mock_signer
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            pytest.skip("not here")

        def test_it(self):
            """Never runs."""

    with pytest.raises(pytest.skip.Exception):
        Case.setUpClass()
    assert current() is None
    Case.doClassCleanups()
    assert current() is None


def test_a_run_that_calls_the_inherited_run_is_one_span():
    @mock_signer
    class Base(unittest.TestCase):
        def run(self, result=None):
            return super().run(result)

        def test_it(self):
            put("made_in_the_test")

    class Derived(Base):
        def run(self, result=None):
            done = super().run(result)
            self.left = names()
            return done

    case = Derived("test_it")
    case.run()
    assert case.left == ["made_in_the_test"]
    assert current() is None


def test_mock_signer_has_a_name():
    assert repr(mock_signer) == "<mock_signer>"
