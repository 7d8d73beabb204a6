"""The pytest plugin, as pytest runs it in somebody's project."""

from __future__ import annotations

import pytest

from signer_mock import mock_signer
from tests.helpers.usage import environment

HELPERS = """
    import boto3, pytest, unittest
    from signer_mock import mock_signer

    client = boto3.session.Session(
        aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1"
    ).client("signer")

    def put(name):
        client.put_signing_profile(profileName=name, platformId="AWSLambda-SHA384-ECDSA")

    def names():
        profiles = client.list_signing_profiles()["profiles"]
        return sorted(profile["profileName"] for profile in profiles)
"""


# Other people's plugins take most of the time of so small a run.
WITHOUT_OTHERS = [
    word for name in ("asyncio", "anyio", "hypothesispytest") for word in ("-p", f"no:{name}")
]


@pytest.fixture(scope="module", autouse=True)
def load_a_mock():
    """Load what pytester would forget after the first run, and the plugin looks for later."""

    @mock_signer
    def loads():
        pass

    loads()


@pytest.fixture
def project(pytester):
    """Writes a test module into an empty project and runs it."""
    pytester.makepyfile(helpers=HELPERS)
    pytester.syspathinsert()

    def run(source, *arguments, ini="", conftest=None, subprocess=False):
        pytester.makepyfile(test_project="from helpers import *\n" + _dedent(source))
        pytester.makeini(f"[pytest]\n{ini}\n")
        if conftest is not None:
            pytester.makeconftest("from helpers import *\n" + _dedent(conftest))
        runner = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        return runner(*WITHOUT_OTHERS, "--strict-markers", *arguments)

    return run


def _dedent(source):
    import textwrap

    return textwrap.dedent(source)


def test_each_test_that_asks_for_the_fixture_has_a_world_of_its_own(project):
    project(
        """
        @pytest.mark.parametrize("name", ["one", "two"])
        def test_it(signer_mock, signer_client, name):
            signer_client.put_signing_profile(
                profileName=name, platformId="AWSLambda-SHA384-ECDSA"
            )
            assert names() == [name]
            assert len(signer_mock.calls) == 2
        """
    ).assert_outcomes(passed=2)


def test_fixtures_of_the_users_own_share_the_world_of_their_test(project):
    project(
        """
        @pytest.fixture
        def profile(signer_client):
            put("of_fixture")
            yield "of_fixture"
            assert names() == ["of_fixture", "of_test"]

        def test_it(profile):
            put("of_test")
        """
    ).assert_outcomes(passed=1)


def test_the_marker_takes_mock_signers_own_arguments(project):
    project(
        """
        @pytest.mark.signer_mock(
            account_id="210987654321", region_name="eu-west-1", s3="memory",
            block_other_aws=False, credentials="fake", seed=7,
        )
        def test_it(signer_mock):
            assert signer_mock.account_id == "210987654321"
            assert signer_mock.region_name == "eu-west-1"
        """
    ).assert_outcomes(passed=1)


def test_the_marker_alone_mocks_the_test(project):
    project(
        """
        @pytest.mark.signer_mock
        def test_it():
            assert names() == []
        """
    ).assert_outcomes(passed=1)


def test_the_closest_marker_wins_argument_by_argument(project):
    project(
        """
        pytestmark = pytest.mark.signer_mock(account_id="111111111111", region_name="eu-west-1")

        @pytest.mark.signer_mock(region_name="eu-west-2")
        def test_it(signer_mock):
            assert signer_mock.account_id == "111111111111"
            assert signer_mock.region_name == "eu-west-2"
        """
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("signer_mock(nope=1)", "*signer_mock cannot be started: *there is no option*'nope'*"),
        ("signer_mock('eu-west-1')", "*takes keyword arguments only*'eu-west-1'*"),
        ("signer_mock(account_id='1')", "*account_id='1'*twelve digits*"),
    ],
)
def test_an_invalid_marker_is_a_short_error(project, marker, said):
    result = project(
        f"""
        @pytest.mark.{marker}
        def test_it():
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([said])
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")
    result.stdout.no_fnmatch_line("*another exception occurred*")


MARKED_CLASSES = """
    @pytest.mark.signer_mock
    class TestPlain:
        @classmethod
        def setup_class(cls):
            put("class")

        def setup_method(self):
            put("method")

        @pytest.mark.parametrize("name", ["one", "two"])
        def test_it(self, name):
            put(name)
            assert names() == sorted(["class", "method", name])

        @classmethod
        def teardown_class(cls):
            assert names() == ["class"]

    @pytest.mark.signer_mock
    class TestCase(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            put("class")

        def setUp(self):
            put("method")

        def test_one(self):
            put("one")
            assert names() == ["class", "method", "one"]

        def test_two(self):
            put("two")
            assert names() == ["class", "method", "two"]

        @classmethod
        def tearDownClass(cls):
            assert names() == ["class"]
"""


def test_the_set_up_of_a_marked_class_is_mocked_and_each_test_starts_from_it(project):
    project(MARKED_CLASSES).assert_outcomes(passed=4)


def test_autouse_mocks_every_test_and_the_set_up_of_every_class(project):
    unmarked = MARKED_CLASSES.replace("@pytest.mark.signer_mock", "") + (
        """
    def test_a_function():
        assert names() == []
        put("gone")

    def test_another_function():
        assert names() == []
    """
    )
    project(unmarked, ini="signer_mock_autouse = function").assert_outcomes(passed=6)


def test_without_autouse_nothing_is_mocked(project):
    project(
        """
        def test_it():
            from signer_mock._intercept.guard import current
            assert current() is None
        """
    ).assert_outcomes(passed=1)


def test_an_invalid_ini_value_is_refused(project):
    result = project("def test_it(): pass", ini="signer_mock_autouse = yes", subprocess=True)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*signer_mock_autouse = yes: expected one of off, function*"])


def test_one_world_for_the_whole_run_for_those_who_ask(project):
    project(
        """
        @pytest.fixture(scope="session")
        def profile(signer_mock_session):
            put("of_the_run")

        def test_one(profile):
            put("one")

        def test_two(profile, signer_mock, signer_mock_session):
            assert names() == ["of_the_run", "one"]
            assert signer_mock.calls is signer_mock_session.calls
        """,
        "-p",
        "no:randomly",
    ).assert_outcomes(passed=2)


def test_autouse_of_one_world_covers_fixtures_of_every_scope(project):
    project(
        """
        @pytest.fixture(scope="module", autouse=True)
        def of_module():
            put("of_module")

        class TestCase(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                put("of_class")

            def test_it(self):
                assert names() == ["of_class", "of_module"]
        """,
        ini="signer_mock_autouse = session",
    ).assert_outcomes(passed=1)


def test_the_suites_own_defaults_are_a_fixture(project):
    project(
        """
        def test_default(signer_mock):
            assert signer_mock.region_name == "eu-central-1"

        @pytest.mark.signer_mock(region_name="eu-west-1")
        def test_marked(signer_mock):
            assert signer_mock.region_name == "eu-west-1"
        """,
        conftest="""
        @pytest.fixture(scope="session")
        def signer_mock_options():
            return {"region_name": "eu-central-1"}
        """,
    ).assert_outcomes(passed=2)


def test_a_failed_test_shows_its_calls_and_no_other_tests(project):
    result = project(
        """
        def test_good(signer_mock):
            put("of_another_test")

        @mock_signer
        def test_decorated():
            put("decorated")
            raise RuntimeError

        def test_fixture(signer_client):
            with pytest.raises(Exception):
                signer_client.get_signing_profile(profileName="unknown")
            assert False

        def test_without_calls():
            assert False

        @pytest.fixture
        def broken(signer_mock):
            put("in_set_up")
            raise RuntimeError

        def test_set_up(broken):
            pass
        """,
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(passed=1, failed=3, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of test_set_up*",
            "*- AWS Signer calls -*",
            "PutSigningProfile [[]123456789012 us-east-1] -> 200 *'profileName': 'in_set_up'*",
            "*test_decorated*",
            "*- AWS Signer calls -*",
            "PutSigningProfile * -> 200 *'profileName': 'decorated'*",
            "*test_fixture*",
            "*- AWS Signer calls -*",
            "GetSigningProfile * -> 404 ResourceNotFoundException {'profileName': 'unknown'}",
            "*test_without_calls*",
        ]
    )
    output = result.stdout.str()
    assert output.count("AWS Signer calls") == 3
    assert "of_another_test" not in output


def test_the_newest_fifty_calls_are_shown(project):
    result = project(
        """
        def test_many(signer_client):
            for number in range(55):
                put(f"profile_{number}")
            assert False
        """,
    )
    shown = [line for line in result.outlines if line.startswith("PutSigningProfile [")]
    assert len(shown) == 50
    assert "'profileName': 'profile_5'" in shown[0]


def test_a_strict_test_fails_with_what_it_did_not_expect(project):
    result = project(
        """
        @pytest.mark.signer_mock(strict=True)
        def test_expected(signer_mock, signer_client):
            signer_mock.calls.expect("ListSigningPlatforms")
            signer_client.list_signing_platforms()

        @pytest.mark.signer_mock(strict=True)
        def test_swallowed(signer_mock, signer_client):
            with pytest.raises(Exception):
                signer_client.list_signing_profiles()

        @pytest.mark.signer_mock(strict=True)
        def test_fault(signer_mock):
            signer_mock.faults.fail("SignPayload", "ThrottlingException")

        @pytest.mark.signer_mock(strict=True)
        def test_broken(signer_mock):
            signer_mock.faults.fail("SignPayload", "ThrottlingException")
            assert False, "its own failure"
        """,
        *("-p", "no:randomly"),  # the lines below come in this order
    )
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(
        [
            "*The strict mock was not used as expected:",
            "*ListSigningProfiles was not expected. Expected: nothing.*",
            "*SignPayload: ThrottlingException (1 more) never fired*",
            "*its own failure*",
        ]
    )


def test_long_parameters_are_cut_and_the_newest_calls_kept(project):
    result = project(
        """
        def test_it(signer_client):
            for number in range(60):
                signer_client.list_signing_platforms(category=str(number) + "x" * 500)
            assert False
        """
    )
    result.assert_outcomes(failed=1)
    shown = [line for line in result.outlines if line.startswith("ListSigningPlatforms")]
    assert 1 <= len(shown) <= 50
    assert all(len(line) < 250 and line.endswith("...") for line in shown)


def test_the_help_and_the_list_of_markers_and_fixtures_explain_themselves(project):
    result = project("def test_it(): pass", "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.signer_mock(*account_id=None*: *mock_signer*"])
    result = project("def test_it(): pass", "--help")
    result.stdout.fnmatch_lines(["*signer_mock_autouse*"])
    assert "'session'" in result.stdout.str()
    result = project("def test_it(): pass", "--fixtures", "-v")
    for fixture in ("signer_mock", "signer_client", "signer_mock_session", "signer_mock_options"):
        result.stdout.re_match_lines([rf"{fixture}\b.*pytest_plugin.py.*"])
    assert "no docstring available" not in _part_of_the_plugin(result.stdout.str())


def _part_of_the_plugin(fixtures):
    return fixtures.partition("fixtures defined from signer_mock.pytest_plugin")[2].partition(
        "fixtures defined from"
    )[0]


def test_the_plugin_can_be_turned_off(project):
    result = project("def test_it(signer_mock): pass", "-p", "no:signer_mock", subprocess=True)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'signer_mock' not found*"])


def test_a_run_under_xdist_and_in_random_order_is_green_and_blocks_every_socket(project):
    before = environment()
    result = project(
        MARKED_CLASSES
        + """
    @pytest.mark.parametrize("number", range(20))
    def test_many(signer_client, number):
        put(f"profile_{number}")
        assert names() == [f"profile_{number}"]

    def test_the_block_is_there():
        import socket
        with pytest.raises(Exception, match="socket"):
            socket.socket()
    """,
        "-n",
        "2",
        "-p",
        "randomly",
        "--disable-socket",
        "--allow-unix-socket",
        subprocess=True,
    )
    result.assert_outcomes(passed=25)
    assert environment() == before


def test_a_project_without_the_mock_pays_for_nothing_but_the_plugin(pytester):
    pytester.makepyfile(
        """
        import sys

        def test_it():
            loaded = [name for name in sys.modules if name.startswith("signer_mock")]
            assert sorted(loaded) == ["signer_mock", "signer_mock.pytest_plugin"]
            assert "botocore" not in sys.modules
        """
    )
    pytester.runpytest_subprocess(*WITHOUT_OTHERS).assert_outcomes(passed=1)


def test_a_decorated_class_in_pytests_style(project):
    project(
        """
        seen = []

        @mock_signer
        class TestDecorated:
            @classmethod
            def setup_class(cls):
                put("class")

            def setup_method(self, method):
                assert method.__name__.startswith("test_")
                put("method")

            def teardown_method(self):
                put("tear_down")

            @classmethod
            def teardown_class(cls):
                assert names() == ["class"]
                seen.append("teardown_class")

            @pytest.fixture
            def profile(self):
                put("fixture")
                yield "fixture"
                put("fixture_end")

            @pytest.mark.parametrize("name", ["one", "two"])
            def test_it(self, name, profile):
                put(name)
                assert names() == sorted(["class", "method", "fixture", name])

        class TestDerived(TestDecorated):
            def setup_method(self, method):
                put("own_method")

            def test_it(self):
                assert names() == ["class", "own_method"]

            def test_new(self):
                assert names() == ["class", "own_method"]

        def test_after():
            assert seen == ["teardown_class", "teardown_class"]
        """,
        "-p",
        "no:randomly",
    ).assert_outcomes(passed=5)


def test_a_decorated_class_without_any_set_up(project):
    project(
        """
        @mock_signer
        class TestDecorated:
            @pytest.fixture(autouse=True)
            def profile(self):
                put("of_fixture")

            def test_one(self):
                put("one")
                assert names() == ["of_fixture", "one"]

            def test_two(self):
                assert names() == ["of_fixture"]

            def helper(self):
                return names()

            @staticmethod
            def static():
                return names()

            @classmethod
            def of_class(cls):
                return names()

            class TestNested:
                def test_it(self):
                    put("nested")
                    assert "nested" in names()

        def test_from_outside():
            assert TestDecorated().helper() == []
            assert TestDecorated.static() == TestDecorated.of_class() == []
        """
    ).assert_outcomes(passed=4)


def test_tests_inherited_from_a_plain_class_are_mocked_by_the_decorated_one(project):
    project(
        """
        class Plain:
            def setup_method(self):
                put("plain")

            def test_it(self):
                assert names() == ["plain"]

        @mock_signer
        class TestDecorated(Plain):
            pass
        """
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize("hook", ["setup_class", "setup_method"])
def test_a_set_up_that_fails_leaves_nothing_active(project, hook):
    project(
        f"""
        @mock_signer
        class TestDecorated:
            @classmethod
            def {hook}(cls):
                put("here")
                raise RuntimeError

            def test_it(self):
                pass

        def test_after():
            from signer_mock._intercept.guard import current
            assert current() is None
        """,
        "-p",
        "no:randomly",
    ).assert_outcomes(passed=1, errors=1)


def test_a_decorated_fixture_keeps_its_world_for_the_test(project):
    project(
        """
        @pytest.fixture
        @mock_signer
        def profile():
            put("fixture")
            yield "fixture"
            assert names() == ["fixture", "test"]

        def test_it(profile):
            put("test")
        """
    ).assert_outcomes(passed=1)


def test_a_finished_fixture_is_refused_with_what_to_do(project):
    result = project(
        """
        @mock_signer
        @pytest.fixture
        def profile():
            yield

        def test_it(profile):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*Put @pytest.fixture on top, and @mock_signer below it.*"])


def test_monkeypatch_inside_a_decorated_test_leaves_no_trace(project, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_ROLE_ARN", "own")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "")
    before = environment()
    result = project(
        """
        import os

        @mock_signer
        def test_it(monkeypatch):
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "210987654321")
            monkeypatch.setenv("AWS_ROLE_ARN", "ci")
            monkeypatch.delenv("AWS_CONFIG_FILE")
            monkeypatch.setenv("AWS_SESSION_TOKEN", "token")

        def test_after(monkeypatch):
            assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAIOSFODNN7EXAMPLE"
            assert os.environ["AWS_ROLE_ARN"] == "own"

        @pytest.fixture(scope="session")
        def of_the_run():
            os.environ["AWS_ROLE_ARN"] = "of_the_run"

        @mock_signer
        def test_a_wider_fixture_keeps_what_it_set(of_the_run):
            pass

        def test_after_that():
            assert os.environ.pop("AWS_ROLE_ARN") == "of_the_run"
            os.environ["AWS_ROLE_ARN"] = "own"
        """,
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(passed=4)
    assert environment() == before


def test_what_the_users_own_fixtures_removed_stays_removed(project, monkeypatch):
    monkeypatch.setenv("AWS_SECURITY_TOKEN", "own")
    monkeypatch.delenv("AWS_ROLE_ARN", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_PROFILE", raising=False)
    before = environment()
    project(
        """
        import os

        @pytest.fixture(autouse=True, scope="session")
        def no_token():
            token = os.environ.pop("AWS_SECURITY_TOKEN")
            yield
            os.environ["AWS_SECURITY_TOKEN"] = token

        @pytest.fixture(scope="module", autouse=True)
        def role():
            os.environ["AWS_DEFAULT_PROFILE"] = "of_the_module"
            yield
            del os.environ["AWS_DEFAULT_PROFILE"]

        @pytest.fixture
        def of_the_test(monkeypatch):
            monkeypatch.setenv("AWS_ROLE_ARN", "of_the_test")

        @mock_signer
        def test_it(of_the_test, monkeypatch):
            monkeypatch.setenv("AWS_SECURITY_TOKEN", "of_the_body")

        def test_after():
            assert "AWS_SECURITY_TOKEN" not in os.environ
            assert "AWS_ROLE_ARN" not in os.environ

        @mock_signer
        def test_the_last_one(monkeypatch):
            monkeypatch.setenv("AWS_DEFAULT_PROFILE", "of_the_body")
        """,
        "-p",
        "no:randomly",
    ).assert_outcomes(passed=3)
    assert environment() == before


def test_pytest_mock_inside_a_decorated_test_leaves_no_trace(project, monkeypatch):
    monkeypatch.setenv("AWS_ROLE_ARN", "own")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    before = environment()
    project(
        """
        import os
        from unittest.mock import patch

        @pytest.fixture
        def mocker():  # as pytest-mock's: what it has patched is undone after the test
            patches = []
            yield lambda *arguments: patches.append(patch.dict(*arguments)) or patches[-1].start()
            for one in patches:
                one.stop()

        @mock_signer
        def test_it(mocker):
            mocker(os.environ, {"AWS_ACCESS_KEY_ID": "210987654321", "AWS_ROLE_ARN": "ci"})

        def test_after():
            assert os.environ["AWS_ROLE_ARN"] == "own"
        """,
        "-p",
        "no:randomly",
    ).assert_outcomes(passed=2)
    assert environment() == before


def test_options_of_a_narrow_fixture_break_no_test_that_uses_no_mock(project):
    project(
        """
        @pytest.fixture
        def signer_mock_options():
            return {"region_name": "eu-west-1"}

        def test_without():
            pass

        class TestWithout:
            def test_it(self):
                pass

        def test_with(signer_mock):
            assert signer_mock.region_name == "eu-west-1"

        @pytest.mark.signer_mock
        class TestMarked:
            def test_it(self, signer_mock):
                assert signer_mock.region_name == "eu-west-1"
        """
    ).assert_outcomes(passed=4)


def test_the_closest_marker_wins_inside_a_marked_class_too(project):
    project(
        """
        pytestmark = pytest.mark.signer_mock(region_name="eu-west-1", seed=1)

        class TestOfTheModule:
            @pytest.mark.signer_mock(region_name="eu-west-2")
            def test_own(self, signer_mock):
                assert signer_mock.region_name == "eu-west-2"

            def test_of_the_module(self, signer_mock):
                assert signer_mock.region_name == "eu-west-1"

        @pytest.mark.signer_mock(region_name="eu-west-3")
        class TestMarked(unittest.TestCase):
            def setUp(self):
                put("of_set_up")

            @pytest.mark.signer_mock(account_id="210987654321")
            def test_own(self):
                with mock_signer() as mock:
                    assert (mock.account_id, mock.region_name) == ("210987654321", "eu-west-3")
        """
    ).assert_outcomes(passed=3)


#: pytest 9 warns of fixtures of class scope that are methods; development mode shows it.
OLD_STYLE = ("-W", "ignore:Class-scoped fixtures defined as instance methods")


@pytest.mark.parametrize(
    "need",
    [
        "def setup_class(cls): put('of_class')",
        "@pytest.fixture(scope='class', autouse=True)\n    def of_class(self): put('of_class')",
    ],
    ids=["hook", "fixture"],
)
def test_a_marker_that_contradicts_a_class_with_a_set_up_is_explained(project, need):
    result = project(
        f"""
@pytest.mark.signer_mock(region_name="eu-west-1")
class TestMarked:
    {need}

    @pytest.mark.signer_mock(region_name="eu-west-2")
    def test_contradicts(self):
        pass

    @pytest.mark.signer_mock(region_name="eu-west-1")
    def test_agrees(self):
        assert names() == ["of_class"]
        """,
        *OLD_STYLE,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*region_name='eu-west-2'*", "*TestMarked*marker of the class*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*ActivationError*")


def test_class_scoped_fixtures_of_a_decorated_class_without_set_up_are_mocked(project):
    project(
        """
        @mock_signer
        class TestDecorated:
            @pytest.fixture(scope="class", autouse=True)
            def of_class(self):
                put("of_class")
                yield
                assert names() == ["of_class"]

            @pytest.mark.parametrize("name", ["one", "two"])
            def test_it(self, name):
                put(name)
                assert names() == sorted(["of_class", name])

        @mock_signer
        class TestDerived(TestDecorated):
            pass
        """,
        *OLD_STYLE,
    ).assert_outcomes(passed=4)
