"""What reaches the terminal: no control character that a capture made up."""

from __future__ import annotations

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from reenact.cli import console
from reenact.cli.console import TerminalConsole, json_text, one_line, printable, shown

EVIL = "\x1b[2J\x07\x9b31m\u202egnp.exe\u2066\x7f"


def printed(*things: object, **given) -> str:
    out = TerminalConsole(file=io.StringIO(), width=60, highlight=False, **given)
    for thing in things:
        out.print(thing)
    return out.file.getvalue()


@pytest.mark.parametrize("thing", [EVIL, f"[bold]{shown(EVIL)}[/]"])
def test_escape_sequences_are_shown_not_obeyed(thing):
    text = printed(thing)
    assert "\\x1b[2J" in text
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\x7f"} & set(text)


def test_a_cell_of_a_table_is_no_way_around():
    table = Table()
    table.add_column(EVIL)
    table.add_row(EVIL)
    assert "\x1b" not in printed(table)


def test_the_console_keeps_its_own_colours(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = printed("[red]a\x1b[2Jb[/]", force_terminal=True, color_system="standard")
    assert text.startswith("\x1b[31m")
    assert "\\x1b[2J" in text


def test_no_color_is_respected(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in printed("[red]a[/]", force_terminal=True, color_system="standard")


def test_markup_in_a_capture_is_text():
    assert printed(shown("[red]not red[/red]")) == "[red]not red[/red]\n"


def test_languages_and_emoji_stay_as_they_are():
    text = "Grüße, 你好, שלום, 👩‍💻\tand a tab"
    assert printable(text) == text


def test_one_line_is_one_line_and_no_longer_than_asked():
    assert one_line("a\nb\t c", 80) == "a b c"
    assert one_line("x" * 50, 10) == "x" * 9 + "…"


@given(st.text())
def test_printable_text_has_no_control_character_but_tab_and_newline(text):
    kept = printable(text)
    bad = {c for c in kept if unicodedata.category(c) in ("Cc", "Cs")} - {"\t", "\n"}
    assert not bad
    kept.encode()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_means_the_same_after_its_escapes(text):
    safe = json_text(json.dumps({text: text}, ensure_ascii=False))
    assert json.loads(safe) == {text: text}
    assert "\x9b" not in safe


def test_data_goes_to_stdout_and_notes_to_stderr(capsys):
    console.data().print("data")
    console.notes().print("note")
    assert capsys.readouterr() == ("data\n", "note\n")
