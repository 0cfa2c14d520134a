from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reenact import codec
from reenact.domain.expectation import Expectation
from reenact.domain.recording import Recording
from reenact.errors import KeptFileError, PersonalDataFound, RecordingTampered, UsageError
from reenact.keep.case import is_name, name_for, row_of
from reenact.keep.file import cases_in, read_case, read_recording, write_case
from support.kept import CASE, FIDELITY, RECORDING, case
from support.talks import agent, talk, user

TEXT = f"""\
# A recorded talk that is replayed as a test: `reenact test`, or pytest. Edit it freely.
reenact: 1
name: tuesday-refund
description: It refunded an order that it should have looked up.
recording:
  file: tuesday-refund.recording.json
  hash: {RECORDING.hash}
agent: shop.agent:answer
user_policy: strict
repeats: 3
declared:
  - tool: find_order
    arguments:
      id: 12.5
      deep:
        - a:
    result:
      ok: true
  - tool: find_order
    arguments: {{}}
    error: no such order
expectations:
  - must_not_call: issue_refund
    turn: 2
    reason: it was the bug
  - must_call: check_status
    turn: 2
    arguments:
      order_id: A-1003
  - text_not_contains: refunded
baseline: 'When kept: fails on the recording; passes in 3 of 3 repeats.'
"""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return write_case(CASE, tmp_path / "replays", recording=RECORDING)


def changed(kept: Path, old: str, new: str) -> Path:
    text = kept.read_text()
    assert old in text
    kept.write_text(text.replace(old, new, 1))
    return kept


def test_the_file_reads_as_a_person_would_write_it(kept: Path) -> None:
    assert kept.name == "tuesday-refund.reenact.yaml"
    assert kept.read_text() == TEXT


def test_what_is_written_is_read(kept: Path) -> None:
    found = read_case(kept)
    assert found == CASE
    assert found.path == kept
    assert read_recording(found) == RECORDING
    assert row_of(found).expectations == CASE.expectations


def test_the_recording_is_readable_in_a_fixed_order_and_without_what_is_unset(kept: Path) -> None:
    path = kept.with_name("tuesday-refund.recording.json")
    text = path.read_text()
    data = json.loads(text)
    assert list(data) == ["hash", "conversation", "fidelity"]
    assert "null" not in text
    assert data["conversation"]["items"][1] == {
        "name": "check_status",
        "arguments": {"order_id": "A-1001"},
        "result": {"status": "shipped"},
        "started_at": "2026-11-24T18:30:01+00:00",
        "ended_at": "2026-11-24T18:30:01.500000+00:00",
        "kind": "tool_call",
    }
    assert text == json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def test_writing_twice_needs_to_be_asked_for_and_changes_nothing(kept: Path) -> None:
    with pytest.raises(KeptFileError, match="there is a kept file of this name already"):
        write_case(CASE, kept.parent, recording=RECORDING)
    kept.write_text("# mine\n" + TEXT + "# the end\n")
    write_case(CASE, kept.parent, recording=RECORDING, update=True)
    assert kept.read_text() == "# mine\n" + TEXT + "# the end\n"
    assert sorted(p.name for p in kept.parent.iterdir()) == [
        "tuesday-refund.recording.json",
        "tuesday-refund.reenact.yaml",
    ]


def test_an_update_touches_only_what_differs(kept: Path) -> None:
    commented = (
        TEXT.replace("repeats: 3\n", "repeats: 3  # enough for us\n")
        .replace("  - must_call:", "  # Ana asked for this one\n  - must_call:")
        .replace("agent: shop", "agent:   'shop")
        .replace(":answer\n", ":answer'\n")
    )
    kept.write_text(commented)
    fewer = case(
        repeats=5,
        expectations=(
            Expectation(kind="must_not_call", tool="issue_refund"),
            *CASE.expectations[1:],
        ),
    )
    write_case(fewer, kept.parent, recording=RECORDING, update=True)
    assert read_case(kept) == fewer
    assert kept.read_text() == (
        commented.replace("repeats: 3 ", "repeats: 5 ")
        .replace("agent:   ", "agent: ")
        .replace("    turn: 2\n    reason: it was the bug\n", "", 1)
    )


def test_a_comment_whose_place_is_gone_moves_to_the_top(kept: Path) -> None:
    kept.write_text(TEXT.replace("reason: it was the bug", "reason: it was the bug  # see 4711"))
    write_case(case(expectations=()), kept.parent, recording=RECORDING, update=True)
    lines = kept.read_text().splitlines()
    assert lines[1] == "# see 4711"
    assert read_case(kept).expectations == ()


def test_texts_of_several_lines_are_blocks(tmp_path: Path) -> None:
    wordy = case(description="First line.\nSecond: line # not a comment.")
    path = write_case(wordy, tmp_path, recording=RECORDING)
    assert "description: |-\n  First line.\n  Second: line # not a comment.\n" in path.read_text()
    assert read_case(path) == wordy


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("must_call:", "must_cal:", 26, "did you mean must_call?"),
        ("    turn: 2", "    trun: 2", 24, "did you mean turn?"),
        ("repeats: 3", "repeat: 3", 10, "did you mean repeats?"),
        ("repeats: 3", "repeats: three", 10, "repeats is 'three'; it must be a whole number"),
        ("repeats: 3", "repeats: 0", 10, "from 1 to 1000"),
        ("repeats: 3", "repeats: true", 10, "whole number"),
        ("strict", "stric", 9, "did you mean strict?"),
        ("    turn: 2", "    turn: 2.5", 24, "turn is 2.5"),
        ("reenact: 1", "reenact: 2", 2, "update reenact"),
        ("reenact: 1\n", "", 2, "needs the key reenact"),
        ("name: tuesday-refund", "name: ../x", 3, "does not fit"),
        ("name: tuesday-refund", "name: 12", 3, 'write name: "12"'),
        ("repeats: 3", "repeats: 3\nrepeats: 4", 11, "the key 'repeats' is here twice"),
        ("  - must_call", "\t- must_call", 26, "never with tabs"),
        ("user_policy: strict", "user_policy: &a strict", 9, "anchors"),
        ("user_policy: strict", "user_policy: !!python/name:os.system", 9, "tag"),
        ("repeats: 3", "repeats: .nan", 10, "no number that JSON knows"),
        ("- text_not_contains: refunded", "- refunded", 30, "an expectation holds keys"),
        ("- text_not_contains: refunded", '- text_not_contains: ""', 30, "needs words"),
        ("- text_not_contains: refunded", "- turn: 2", 30, "says nothing"),
        ("- text_not_contains: refunded", "- {must_call: a, text_equals: b}", 30, "says one thing"),
        ("- text_not_contains: refunded", "- {text_equals: b, arguments: {}}", 30, "no arguments"),
        ("      order_id: A-1003", "      - A-1003", 29, "arguments is a list"),
        ("    error: no such order", "    result: 1\n    error: x", 19, "either result or error"),
        ("description: It", "description: [It", 4, "not YAML"),
        ("baseline:", "---\nbaseline:", 31, "a second document"),
    ],
)
def test_a_wrong_edit_is_named_by_line(
    kept: Path, old: str, new: str, line: int, what: str
) -> None:
    with pytest.raises(KeptFileError) as caught:
        read_case(changed(kept, old, new))
    shown = caught.value.render()
    assert what in shown
    assert shown.startswith(f"{kept}:"), shown
    assert f"{kept}:{line}:" in shown or "not YAML" in what, shown


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file is empty"),
        ("- 1", "a kept file holds keys and values, not a list"),
        ("just words", "not 'just words'"),
        ("[" * 100, "nested too deeply"),
        ("a: [" + "1," * 200_000 + "1]", "too long"),
        ("a: \x00", "not YAML"),
        ("? [a]\n: b", "a key must be a text"),
        ("x" * (2**20 + 1), "larger than 1 MB"),
    ],
)
def test_what_is_no_kept_file_is_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "a.reenact.yaml"
    path.write_text(text)
    with pytest.raises(KeptFileError) as caught:
        read_case(path)
    assert what in caught.value.render()


def test_bytes_that_are_no_text_are_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.reenact.yaml"
    path.write_bytes(b"reenact: 1\nname: \xff\n")
    with pytest.raises(KeptFileError, match=r"yaml:2: not UTF-8"):
        read_case(path)


def test_a_missing_recording_is_named_with_the_line_of_its_hash(kept: Path) -> None:
    kept.with_name("tuesday-refund.recording.json").unlink()
    with pytest.raises(KeptFileError, match=r"yaml:7: the recording \S+ is missing"):
        read_case(kept)


@pytest.mark.parametrize("name", ["../x.json", "/etc/passwd", "..", "a/b.json"])
def test_a_recording_elsewhere_is_refused(kept: Path, name: str) -> None:
    with pytest.raises(KeptFileError, match="must lie beside the kept file"):
        read_case(changed(kept, "file: tuesday-refund.recording.json", f"file: {name}"))


def test_another_hash_is_named_with_its_line(kept: Path) -> None:
    with pytest.raises(KeptFileError, match=r"yaml:7: the hash is sha256:0"):
        read_case(changed(kept, RECORDING.hash, "sha256:0"))


def test_a_recording_that_was_changed_is_refused(kept: Path) -> None:
    path = kept.with_name("tuesday-refund.recording.json")
    path.write_text(path.read_text().replace("49.9", "4.99"))
    with pytest.raises(RecordingTampered, match="its content gives"):
        read_case(kept)


@pytest.mark.parametrize("text", ["{", "{}", '{"hash": 1, "conversation": {}, "fidelity": {}}'])
def test_a_recording_that_is_none_is_refused(kept: Path, text: str) -> None:
    path = kept.with_name("tuesday-refund.recording.json")
    path.write_text(text)
    with pytest.raises(KeptFileError) as caught:
        read_case(kept)
    assert caught.value.where == str(path)


def test_turns_that_the_recording_lacks_are_refused(kept: Path) -> None:
    with pytest.raises(KeptFileError, match="turn 9 is not in the recording") as caught:
        read_case(changed(kept, "    turn: 2", "    turn: 9"))
    assert "turns 1 to 3" in caught.value.render()
    with pytest.raises(KeptFileError, match="only turn 1 is"):
        read_case(changed(changed(kept, "turn: 9", "turn: 2"), "agent:", "turn: 1\nagent:"))


@pytest.mark.parametrize(
    "wrong",
    [
        case(name="not a name"),
        case(expectations=(Expectation(kind="must_call", tool=None),)),
        case(expectations=(Expectation(kind="must_call", tool="a", text="b"),)),
        case(expectations=(Expectation(kind="text_equals", text="a", arguments={}),)),
        case(expectations=(Expectation(kind="must_call", tool="a", arguments={"a": (1,)}),)),
        case(expectations=(Expectation(kind="must_call", tool="a", turn=9),)),
        case(repeats=0),
        case(recording_hash="sha256:0"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(KeptFileError):
        write_case(wrong, tmp_path, recording=RECORDING)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def personal() -> tuple[Recording, object]:
    said = talk(user("I am ana@example.com"), agent("Hello Ana."))
    recording = codec.record(said, FIDELITY)
    return recording, case(recording_hash=recording.hash, expectations=(), declared=())


def test_personal_data_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    recording, with_data = personal()
    with pytest.raises(PersonalDataFound) as caught:
        write_case(with_data, tmp_path, recording=recording)  # type: ignore[arg-type]
    assert caught.value.findings == ("e-mail address in turn 1, words of the user (ana…)",)
    assert list(tmp_path.iterdir()) == []
    path = write_case(
        with_data,  # type: ignore[arg-type]
        tmp_path,
        recording=recording,
        allow_personal_data=True,
    )
    assert read_case(path) == with_data


def test_a_secret_in_the_case_itself_is_refused(tmp_path: Path) -> None:
    leaking = case(description="password: hunter22")
    with pytest.raises(PersonalDataFound, match="in the case: description"):
        write_case(leaking, tmp_path, recording=RECORDING)


def test_cases_are_found_in_files_and_folders_once_each(kept: Path) -> None:
    other = write_case(case(name="a-second"), kept.parent / "deep", recording=RECORDING)
    hidden = write_case(CASE, kept.parent / ".cache", recording=RECORDING)
    assert cases_in([kept.parent, kept]) == (other, kept)
    assert cases_in([hidden]) == (hidden,)
    for wrong in (kept.parent / "none", kept.with_name("tuesday-refund.recording.json")):
        with pytest.raises(UsageError):
            cases_in([wrong])


def test_names_fit_for_files_are_made_from_any_text() -> None:
    assert name_for("sess-tue-4711") == "sess-tue-4711"
    assert name_for("  Ünder / the: Sea! ") == "nder-the-sea"
    assert name_for("…") == "case"
    assert is_name(name_for("x" * 500))
    assert not any(map(is_name, ["", ".x", "a/b", "a b", "x" * 81, "-x", "a."]))


def test_a_declared_result_pasted_from_a_miss_report_is_read(kept: Path) -> None:
    from reenact.tools.recorded import lines_to_declare

    lines = lines_to_declare("find_order", {"id": "007", "on": "2026-03-05"})
    pasted = "declared:\n" + lines + "\n"
    text = TEXT[: TEXT.index("declared:")] + pasted + TEXT[TEXT.index("expectations:") :]
    kept.write_text(text)
    (found,) = read_case(kept).declared
    assert (found.arguments, found.result) == ({"id": "007", "on": "2026-03-05"}, {})


def test_unquoted_dates_and_ids_stay_text(kept: Path) -> None:
    found = read_case(changed(kept, "order_id: A-1003", "order_id: 2026-03-05\n      id: 007"))
    assert found.expectations[1].arguments == {"order_id": "2026-03-05", "id": "007"}


def test_windows_line_ends_and_a_byte_order_mark_are_read(kept: Path) -> None:
    kept.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert read_case(kept) == replace(CASE)
