"""Python's `repr` of plain data: read where it is clear, else left as the text it is."""

from __future__ import annotations

import pytest

from reenact.capture.wire.python_text import MAX_CHARS, mapping, python_data


def test_a_dict_is_read_with_all_that_json_cannot_write():
    text = """{'id': "it's", 'eta': None, 'ok': True, 'at': (1, 2.5), 'of': [-3, 1e-07]}"""

    assert python_data(text) == {
        "id": "it's", "eta": None, "ok": True, "at": [1, 2.5], "of": [-3, 1e-07],
    }  # fmt: skip


def test_escapes_are_read_as_python_writes_them():
    assert python_data(repr({"a": "\n\t\\ 'x' \"y\" \x00 \u2028 é 😠"})) == {
        "a": "\n\t\\ 'x' \"y\" \x00 \u2028 é 😠"
    }
    assert python_data("['\\ud83d']") == ["\ufffd"]


@pytest.mark.parametrize(
    "text",
    [
        "", "A-1001", "'text'", "12", "(1)", "{1, 2}", "{1: 'a'}", "[nan]", "[1, inf]",
        "{'a': 1", "{'a': 1}}", "{'a' 'b': 1}", "[1][0]", "[1-2]", "[1 2]", "[--1]", "[not 1]",
        "[f'{1}']", "[b'a']", "['a' % 1]", "[1 .real]", "[__import__('os')]", "{**{}}",
        "ChatMessage(role='user')", "{'role': <Role.USER: 'user'>}", "['\\d']", "[lambda: 1]",
        "[" * 40 + "]" * 40, "[1, # no\n2]", "[0x10]", "[1_000]", "[1.5.2]", "[True1]",
    ],
)  # fmt: skip
def test_what_is_not_clearly_data_is_not_read(text: str):
    assert python_data(text) is None


def test_a_text_beyond_the_bound_is_not_read():
    assert python_data("[" + "1," * (MAX_CHARS // 2) + "]") is None
    assert python_data("[" + "1," * 1000 + "]") == [1] * 1000


def test_numbers_that_no_store_takes_become_their_names():
    assert python_data("[1" + "0" * 30 + "]") == ["1" + "0" * 30]
    assert python_data("[1" + "0" * 300 + "]") is None


@pytest.mark.parametrize("text", ['{"a": null}', "{'a': None}"])
def test_an_object_is_json_or_python(text: str):
    assert mapping(text) == {"a": None}


@pytest.mark.parametrize("text", ["", "[1]", "[(1, 2)]", "{", None, 5])
def test_what_is_no_object_is_an_empty_one(text: object):
    assert mapping(text) == {}
