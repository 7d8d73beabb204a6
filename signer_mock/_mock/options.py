"""The options of ``mock_signer``: what each takes, its default, and whether two mocks agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from signer_mock._service.arns import DEFAULT_ACCOUNT_ID, is_account_id
from signer_mock.errors import ActivationError, InvalidArgumentError


def _option(default: Any, is_right: Callable[[Any], bool], expected: str) -> Any:
    metadata = {"default": default, "is_right": is_right, "expected": expected}
    return field(default=None, metadata=metadata)


def _is_region(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) is not None


def _is_store(value: Any) -> bool:
    from signer_mock._mock.storage import choose_store
    from signer_mock.objects import InMemoryObjects

    choose_store(value, InMemoryObjects())  # raises, with what is expected
    return True


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Options:
    """The options as they were given; None is not given."""

    account_id: str | None = _option(DEFAULT_ACCOUNT_ID, is_account_id, "a string of twelve digits")
    region_name: str | None = _option(None, _is_region, "a region's name, such as 'eu-west-1'")
    s3: Any = _option("auto", _is_store, "")  # noqa: RUF009 - makes a field, as for the others
    block_other_aws: bool | None = _option(
        True, lambda value: isinstance(value, bool), "True or False"
    )
    credentials: Literal["fake", "keep"] | None = _option(
        "fake", lambda value: value in ("fake", "keep"), "'fake' or 'keep'"
    )
    seed: int | str | None = _option(
        None, lambda value: isinstance(value, (int, str)), "an int or a str"
    )

    strict: bool | None = _option(False, lambda value: isinstance(value, bool), "True or False")

    def validate(self) -> None:
        """Reject invalid options.

        Raises:
            ActivationError: Naming the option and what it takes.
        """
        for name, rule in _RULES.items():
            value = getattr(self, name)
            if value is not None and not rule["is_right"](value):
                msg = f"mock_signer({name}={value!r}): expected {rule['expected']}."
                raise ActivationError(msg)

    def with_defaults(self) -> Options:
        """Fill in what was not given, except for the region, which the environment decides."""
        given = ((name, rule, getattr(self, name)) for name, rule in _RULES.items())
        return Options(
            **{name: rule["default"] if value is None else value for name, rule, value in given}
        )

    def require_agreement(self, outer: Options) -> None:
        """Compare with the options of the mock that is active already.

        Raises:
            ActivationError: Naming the options that were given here and differ there.
        """
        differing = [
            f"{name}={wanted!r} (outside: {given!r})"
            for name in _RULES
            for wanted, given in [(getattr(self, name), getattr(outer, name))]
            if wanted is not None and wanted != given
        ]
        if differing:
            msg = (
                "A mock_signer inside another shares its state, so it cannot have other options: "
                f"{', '.join(differing)}. Give them to the outer one, or leave them out here."
            )
            raise ActivationError(msg)


#: By option: its default, what it takes, and how to test that.
_RULES = {option.name: option.metadata for option in fields(Options)}


def check_options(options: object, misplaced: Mapping[str, object]) -> Options:
    """Return the options with which a ``SignerMock`` was made.

    Args:
        options: None is all defaults.
        misplaced: Single options, which only ``mock_signer`` takes.

    Raises:
        ActivationError: An option is not valid.
        InvalidArgumentError: A ``SignerMock`` was made directly; only ``mock_signer`` takes
            options.
    """
    options = Options() if options is None else options
    if misplaced or not isinstance(options, Options):
        name = next(iter(misplaced), "account_id")
        msg = f"Make a SignerMock that has options with mock_signer({name}=...)."
        raise InvalidArgumentError(msg)
    options.validate()
    return options
