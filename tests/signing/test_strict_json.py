"""JSON that readers read differently is refused, quickly, with a sentence that says why."""

from __future__ import annotations

import json
import time

import pytest

from signer_mock._signing.strict_json import member, read_json, text_member, texts_member

REFUSED = {
    "repeated": (b'{"a":1,"b":2,"a":3}', "it has the member 'a' twice"),
    "repeated within": (b'[{"a":{"b":1,"b":1}}]', "it has the member 'b' twice"),
    "by case": (b'{"size":1,"Size":2}', "its members 'size' and 'Size' differ by case only"),
    "by case, not ASCII": (
        '{"straße":1,"STRASSE":2}'.encode(),
        "its members 'straße' and 'STRASSE' differ by case only",
    ),
    "a NUL": (rb'{"a\u0000b":1}', r"its member 'a\x00b' has a NUL in its name"),
    "a surrogate": (rb'["\ud800"]', r"the text '\ud800' has a lone surrogate"),
    "a surrogate in a name": (rb'{"\udfff":1}', r"the text '\udfff' has a lone surrogate"),
    "a surrogate in a long text": (
        b'{"a":"' + b"x" * 50 + rb'\ud800"}',
        f"the text '{'x' * 40}' has a lone surrogate",
    ),
    "too long a number": (b"-" + b"1" * 310, f"the number -{'1' * 19}... is out of range"),
    "too large a number": (b"9" * 309, f"the number {'9' * 20}... is out of range"),
    "too large a float": (b"[1e309]", "the number 1e309 is out of range"),
    "too long a float": (b"1" * 400 + b".5", f"the number {'1' * 20} is out of range"),
    "not a number": (b'{"a":NaN}', "NaN is not JSON"),
    "infinite": (b"[-Infinity]", "-Infinity is not JSON"),
    "not UTF-8": (b'["ab\xff"]', "it is not UTF-8 at byte 4"),
    "501 levels": (b"[" * 501 + b"]" * 501, "it is nested too deeply"),
    "501 levels of objects": (b'{"a":' * 500 + b"{}" + b"}" * 500, "it is nested too deeply"),
    "5,000 levels": (b"[" * 5000 + b"]" * 5000, "it is nested too deeply"),
    "200,000 levels": (b"[" * 200_000, "it is nested too deeply"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_json(data)

    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "data",
    [
        b' {"a":[1,-2.5e3,true,false,null,"\\u00e9"],"b":{"a":{}}}\n',
        rb'["\ud83d\ude00"]',  # a pair is a character
        b"1" * 309,
        b"-" + b"1" * 309,
        b"[" * 500 + b"]" * 500,
        b'{"a":' * 499 + b"{}" + b"}" * 499,
    ],
    ids=["values", "pair", "long number", "negative", "500 levels", "500 objects"],
)
def test_what_every_reader_reads_alike_is_read(data: bytes) -> None:
    assert read_json(data) == json.loads(data)


@pytest.mark.parametrize("last", ['"99999":1', '"0000A":1,"0000a":2', '"x":"\\udfff"'])
def test_a_large_document_is_refused_as_fast_as_it_is_read(last: str) -> None:
    document = (
        "{" + "".join(f'"{number:05}":1,' for number in range(100_000)) + last + "}"
    ).encode()

    started = time.process_time()
    with pytest.raises(ValueError, match=r"twice|by case|surrogate"):
        read_json(document)

    # Comparing each name with each took minutes.
    assert time.process_time() - started < 2


def test_members_of_other_types_and_names() -> None:
    holder: dict[str, object] = {"text": "a", "texts": ["a", None], "none": None, "mixed": ["", 1]}
    holder["Other"] = None

    assert (text_member(holder, "text"), text_member(holder, "none")) == ("a", "")
    assert (texts_member(holder, "texts"), texts_member(holder, "absent")) == (["a", ""], [])
    for read, name, reason in (
        (member, "other", "its member 'Other' differs from 'other' by case only"),
        (text_member, "texts", "'texts' is not a string"),
        (texts_member, "text", "'text' is not a list"),
        (texts_member, "mixed", "'mixed' holds something else than strings"),
    ):
        with pytest.raises(ValueError) as caught:
            read(holder, name)
        assert str(caught.value) == reason
