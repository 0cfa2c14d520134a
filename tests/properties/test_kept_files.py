from __future__ import annotations

import json
import string
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reenact import codec
from reenact.domain.expectation import Expectation, Judgement, RowVerdict
from reenact.domain.scenario import DeclaredResult
from reenact.domain.tool_rules import ToolRules
from reenact.errors import KeptFileError
from reenact.evaluate.verdicts import exit_code_for, row_verdict
from reenact.keep.case import KeptCase
from reenact.keep.file import read_case, read_recording, write_case
from reenact.keep.statements import case_from, data_of
from reenact.keep.yaml_text import comments_in, parse
from reenact.keep.yaml_writing import new_text, updated_text
from support.kept import FIDELITY, RECORDING, case
from support.talks import agent, call, talk, user

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
TRICKY = st.sampled_from(
    [
        "",
        "null",
        "~",
        "true",
        "No",
        "1",
        "1.0",
        "1e5",
        "0x1F",
        "007",
        "1_000",
        ".inf",
        "2026-03-05",
        "- a",
        "# x",
        "a: b",
        "a #b",
        "'",
        '"',
        "*a",
        "&a",
        "!t",
        "{",
        "[",
        "|",
        ">",
        "%",
        "@",
        "`",
        " a",
        "a ",
        "\t",
        "\ta",
        "a\n",
        "\na",
        "a\n\nb",
        "a\nb",
        "a \nb",
        "\u2028",
        "\x85",
        "\ufeff",
        "\x00",
        "\x1b",
        "😠",
        "a\r\nb",
        "---",
        "...",
        "? a",
        "=",
        "<<",
        "x" * 300,
    ]
)
TEXT = WORDS | TRICKY
FILLED = TEXT.filter(lambda text: text.strip() != "")
NUMBERS = (
    st.integers()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ARGUMENTS = st.dictionaries(TEXT, JSON, max_size=3)
TURN = st.none() | st.integers(1, 3)
EXPECTATIONS = st.builds(
    Expectation,
    kind=st.sampled_from(["must_call", "must_not_call"]),
    turn=TURN,
    tool=FILLED,
    arguments=st.none() | ARGUMENTS,
    reason=st.none() | TEXT,
) | st.builds(
    Expectation,
    kind=st.sampled_from(["text_contains", "text_not_contains", "text_equals"]),
    turn=TURN,
    text=FILLED,
    reason=st.none() | TEXT,
)
DECLARED = st.builds(DeclaredResult, tool=FILLED, arguments=ARGUMENTS, result=JSON) | st.builds(
    DeclaredResult, tool=FILLED, arguments=ARGUMENTS, error=TEXT
)
FIELDS = st.lists(FILLED, max_size=2, unique=True).map(tuple)
RULES = st.builds(
    ToolRules,
    tool=FILLED,
    effect=st.none() | st.sampled_from(["read", "write", "unknown"]),
    key_fields=st.none() | FIELDS,
    volatile=FIELDS,
    learnt=FIELDS,
    normalise=st.dictionaries(FILLED, st.just(("digits", "letter_case")), max_size=2),
    constant=st.booleans(),
)
CASES = st.builds(
    KeptCase,
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,40}", fullmatch=True),
    recording_hash=st.just(RECORDING.hash),
    description=TEXT,
    agent=st.none() | TEXT,
    user_policy=st.sampled_from(["verbatim", "strict"]),
    repeats=st.integers(1, 1000),
    declared=st.lists(DECLARED, max_size=2).map(tuple),
    tool_rules=st.lists(RULES, max_size=2, unique_by=lambda rules: rules.tool).map(tuple),
    expectations=st.lists(EXPECTATIONS, max_size=4).map(tuple),
    baseline=st.none() | TEXT,
)


def exact(any_case: KeptCase) -> str:
    """Return a text that tells 1 from 1.0 and from true; the order of keys is free."""
    return json.dumps(said(any_case), sort_keys=True)


@given(CASES)
@settings(deadline=None, max_examples=50)
def test_any_case_that_is_written_is_read_as_it_was(any_case: KeptCase) -> None:
    with TemporaryDirectory() as folder:
        path = write_case(any_case, Path(folder), recording=RECORDING, allow_personal_data=True)
        found = read_case(path)
        assert found == any_case
        assert exact(found) == exact(any_case)


@given(CASES, CASES)
@settings(deadline=None, max_examples=50)
def test_an_update_gives_the_new_case(before: KeptCase, after: KeptCase) -> None:
    text = updated_text(new_text(said(before)), said(after))
    assert exact(read(text)) == exact(after)


COMMENT = st.text(string.ascii_letters + string.digits + " :-'\"{#", min_size=1, max_size=20)


@given(CASES, CASES, st.lists(st.tuples(st.integers(0, 60), COMMENT), max_size=5))
@settings(deadline=None, max_examples=50)
def test_an_update_keeps_every_comment(
    before: KeptCase, after: KeptCase, comments: list[tuple[int, str]]
) -> None:
    text = commented(new_text(said(before)), comments)
    assert exact(read(text)) == exact(before)
    changed = updated_text(text, said(after))
    assert exact(read(changed)) == exact(after)
    assert set(comments_in(text)) <= set(comments_in(changed))
    assert sorted(comments_in(text)) == sorted(comments_in(updated_text(text, said(before))))


@given(CASES)
@settings(deadline=None, max_examples=50)
def test_an_update_to_the_same_changes_no_letter(any_case: KeptCase) -> None:
    text = new_text(said(any_case))
    assert updated_text(text, said(any_case)) == text


@given(st.text() | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_case_or_a_clear_refusal(text: str) -> None:
    assert refusal(text).startswith(("no refusal", "kept.reenact.yaml"))


@given(CASES, st.integers(0, 2000), st.text(max_size=3), st.integers(0, 5))
@settings(deadline=None, max_examples=50)
def test_any_edit_gives_a_case_or_a_clear_refusal(
    any_case: KeptCase, at: int, new: str, gone: int
) -> None:
    text = new_text(said(any_case))
    edited = text[:at] + new + text[at + gone :]
    assert refusal(edited).startswith(("no refusal", "kept.reenact.yaml"))


@given(st.lists(st.tuples(WORDS, JSON, JSON), max_size=3))
@settings(deadline=None, max_examples=50)
def test_any_recording_is_read_as_it_was_written(turns: list[tuple[str, Any, Any]]) -> None:
    items = [i for text, a, b in turns for i in (user(text), call("do", a, b), agent(text))]
    recording = codec.record(talk(*items), FIDELITY)
    with TemporaryDirectory() as folder:
        plain = case(recording_hash=recording.hash, expectations=(), declared=())
        path = write_case(plain, Path(folder), recording=recording, allow_personal_data=True)
        found = read_recording(read_case(path))
        assert found == recording
        assert codec.to_json(found) == codec.to_json(recording)


OUTCOMES = st.lists(
    st.sampled_from(["pass", "fail", "no_evidence"]).map(
        lambda outcome: Judgement(
            expectation=Expectation(kind="must_call", tool="a"), outcome=outcome, reason="why"
        )
    ),
    max_size=3,
)


def verdict(baseline: list[Judgement], repeats: list[list[Judgement]]) -> RowVerdict:
    return row_verdict("row", baseline=baseline, repeats=repeats)


@given(OUTCOMES, st.lists(OUTCOMES, max_size=5))
def test_the_laws_of_verdicts(baseline: list[Judgement], repeats: list[list[Judgement]]) -> None:
    found = verdict(baseline, repeats)
    assert found.passed + found.failed + found.no_evidence == len(repeats)
    assert (found.interval is None) == (found.verdict == "no_evidence")
    green = exit_code_for([found.verdict], command="test") == 0
    assert green == (found.passed > 0 and (found.failed == 0 or found.verdict == "flaky"))
    if found.verdict in ("fixed", "passing"):
        assert found.failed == 0
    if found.verdict == "fixed":
        assert found.baseline_passed is False
    if found.verdict == "regressed":
        assert found.baseline_passed is True
    if found.interval is not None:
        judged = found.passed + found.failed
        assert found.interval[0] <= found.passed / judged <= found.interval[1]
        assert ("rests on one run" in found.sentence) == (judged == 1)
        assert ("95 % interval" in found.sentence) == (judged > 1)
    assert verdict(baseline, repeats[::-1]).verdict == found.verdict


def said(any_case: KeptCase) -> dict[str, Any]:
    return data_of(any_case, recording_file="a.recording.json")


def refusal(text: str) -> str:
    """Return where reading `text` was refused; anything else that is raised is a defect."""
    try:
        read(text)
    except KeptFileError as error:
        return str(error.where)
    return "no refusal"


def read(text: str) -> KeptCase:
    found = case_from(parse(text, where="kept.reenact.yaml"), where="kept.reenact.yaml")
    return replace(found, recording_file=None)


def commented(text: str, comments: list[tuple[int, str]]) -> str:
    """Return `text` with comment lines and ends of line where that does not change its data."""
    data = exact(read(text))
    for place, comment in comments:
        lines = text.splitlines(keepends=True) if "\r" not in text else [text]
        at = place % len(lines)
        own = "".join([*lines[:at], f"  # {comment}\n", *lines[at:]])
        ending = lines[at].rstrip("\n") + f"  # {comment}\n"
        after = "".join([*lines[:at], ending, *lines[at + 1 :]])
        for changed in (own, after) if place % 2 else (after, own):
            try:
                if exact(read(changed)) == data:
                    text = changed
                    break
            except KeptFileError:
                continue
    return text
