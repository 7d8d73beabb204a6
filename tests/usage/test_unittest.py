"""``@mock_signer`` on ``unittest`` classes: set-up, test, tear-down and clean-ups are mocked."""

from __future__ import annotations

import contextlib
import unittest

import pytest

from signer_mock import mock_signer
from tests.helpers.usage import environment, names, passed, put, run_cases


def test_set_up_test_tear_down_and_clean_ups_share_a_world_that_is_fresh_for_each_test():
    seen = []

    @mock_signer
    class Case(unittest.TestCase):
        def setUp(self):
            put("set_up")
            self.addCleanup(lambda: seen.append(names()))

        def tearDown(self):
            put("tear_down")

        def test_one(self):
            put("one")
            assert names() == ["one", "set_up"]

        def test_two(self):
            put("two")
            assert names() == ["set_up", "two"]

    passed(run_cases(Case), 2)
    assert seen == [["one", "set_up", "tear_down"], ["set_up", "tear_down", "two"]]


def test_an_asynchronous_case_is_mocked_throughout():
    seen = []

    @mock_signer
    class Case(unittest.IsolatedAsyncioTestCase):
        def setUp(self):
            put("set_up")

        async def asyncSetUp(self):
            put("async_set_up")

            async def clean_up():
                seen.append(names())

            self.addAsyncCleanup(clean_up)

        async def asyncTearDown(self):
            put("async_tear_down")

        async def test_body(self):
            put("body")
            assert names() == ["async_set_up", "body", "set_up"]

    passed(run_cases(Case), 1)
    assert seen == [["async_set_up", "async_tear_down", "body", "set_up"]]


def test_what_the_class_sets_up_is_there_for_each_test_and_what_a_test_does_is_undone():
    seen = []

    @mock_signer
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            put("class")
            cls.addClassCleanup(lambda: seen.append(names()))

        @classmethod
        def tearDownClass(cls):
            seen.append(names())
            put("tear_down_class")

        def test_one(self):
            put("one")
            assert names() == ["class", "one"]

        def test_two(self):
            put("two")
            assert names() == ["class", "two"]

    before = environment()
    passed(run_cases(Case), 2)
    assert seen == [["class"], ["class", "tear_down_class"]]
    assert environment() == before


def test_a_class_with_only_a_tear_down_is_mocked_too():
    seen = []

    @mock_signer
    class Case(unittest.TestCase):
        @classmethod
        def tearDownClass(cls):
            seen.append(names())

        def test_it(self):
            put("gone")

    passed(run_cases(Case), 1)
    assert seen == [[]]


def test_derived_classes_are_mocked_with_any_overrides():
    @mock_signer
    class Base(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            put("base_class")

        def setUp(self):
            put("base_set_up")

        def test_it(self):
            assert names() == ["base_class", "base_set_up"]

    class Calls(Base):
        @classmethod
        def setUpClass(cls):
            put("own_class")
            super().setUpClass()

        def setUp(self):
            put("own_set_up")
            super().setUp()

        def test_it(self):
            expected = ["base_class", "base_set_up", "own_class", "own_set_up"]
            assert names() == expected

    class DoesNotCall(Base):
        @classmethod
        def setUpClass(cls):
            put("own_class")

        def setUp(self):
            put("own_set_up")

        def test_it(self):
            assert names() == ["own_class", "own_set_up"]

        def test_new(self):
            assert names() == ["own_class", "own_set_up"]

    passed(run_cases(Base), 1)
    passed(run_cases(Calls), 1)
    passed(run_cases(DoesNotCall, Base), 3)


def test_a_set_up_inherited_from_a_plain_class_is_mocked_by_the_decorated_one():
    class Plain(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            put("class")

        def setUp(self):
            put("set_up")

        def test_it(self):
            assert names() == ["class", "set_up"]

    @mock_signer
    class Case(Plain):
        pass

    passed(run_cases(Case), 1)


def test_a_derived_class_may_bring_the_first_class_set_up():
    @mock_signer
    class Base(unittest.TestCase):
        def test_it(self):
            assert tuple(names()) == self.expected

        expected: tuple[str, ...] = ()

    class Derived(Base):
        expected = ("class",)

        @classmethod
        def setUpClass(cls):
            put("class")

    passed(run_cases(Base, Derived, Base), 3)


@pytest.mark.parametrize("error", [RuntimeError, unittest.SkipTest, pytest.skip.Exception])
def test_a_failing_class_set_up_leaves_nothing_active(error):
    @mock_signer
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            put("class")
            raise error("no")

        def test_it(self):
            raise AssertionError("not reached")

    before = environment()
    with contextlib.suppress(pytest.skip.Exception):  # none of unittest's, pytest would catch it
        run_cases(Case)
    assert environment() == before
    with mock_signer() as mock:
        assert mock.owns_world
        assert names() == []


@pytest.mark.parametrize("place", ["setUp", "test_it", "tearDown"])
def test_a_failing_test_leaves_nothing_active(place):
    def fail(_self):
        put("here")
        raise RuntimeError("mine")

    body = {"test_it": lambda self: None, place: fail}
    case = mock_signer(type("Case", (unittest.TestCase,), body))
    before = environment()
    result = run_cases(case)
    assert [text.count("mine") > 0 for _, text in result.errors] == [True]
    assert environment() == before


def test_class_and_static_methods_and_helpers_can_be_called_from_outside():
    @mock_signer
    class Case(unittest.TestCase):
        @classmethod
        def of_class(cls, name):
            put(name)
            return names()

        @staticmethod
        def static(name):
            put(name)
            return names()

        def test_it(self):
            assert self.of_class("one") == ["one"]
            assert self.static("two") == ["one", "two"]

    assert Case.of_class("alone") == Case.static("alone") == ["alone"]
    passed(run_cases(Case), 1)


def test_one_test_can_be_run_by_hand_and_debugged():
    @mock_signer
    class Case(unittest.TestCase):
        def setUp(self):
            put("set_up")

        def test_it(self):
            assert names() == ["set_up"]

    result = unittest.TestResult()
    Case("test_it").run(result)
    passed(result, 1)
    Case("test_it").debug()


def test_the_decorator_on_one_test_method_leaves_set_up_to_itself():
    class Case(unittest.TestCase):
        @mock_signer
        def test_it(self):
            put("here")
            assert names() == ["here"]

        @mock_signer
        async def asynchronous(self):
            return names()

    passed(run_cases(Case), 1)


def test_a_class_decorated_twice_is_mocked_once():
    @mock_signer
    @mock_signer(region_name="eu-west-1")
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            put("class")

        def test_it(self):
            put("one")
            assert names() == ["class", "one"]

        def test_two(self):
            assert names() == ["class"]

    result = run_cases(Case)
    assert all("region_name='eu-west-1'" in text for _, text in result.errors)


def test_a_class_inside_an_active_mock_shares_its_world():
    @mock_signer
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            put("class")

        def test_one(self):
            put("one")

        def test_two(self):
            assert names() == ["class", "one", "outer"]

    with mock_signer():
        put("outer")
        passed(run_cases(Case), 2)
        assert names() == ["class", "one", "outer"]
