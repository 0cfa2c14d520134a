"""`reenact fork` and `reenact forks`, on the shipped capture."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path

import jsonschema
import pytest

from cli.conftest import Reenact
from reenact.cli.schema import schema_of

OLD = "reenact.demo.agents:old"
DELIVERED = '{"status": "delivered", "last_seen": "the door", "expected": "today"}'


@pytest.fixture
def shop(reenact: Reenact) -> Reenact:
    with as_file(files("reenact.demo") / "captured") as captured:
        assert reenact("import", str(captured), "--json").code == 0
    return reenact


def test_the_tree_shows_where_each_branch_first_parted(shop: Reenact) -> None:
    patient = ("--at", "4", "--user", "I will wait. Where is it?", "--name", "patient")
    assert shop("fork", "chat-1184", *patient, "--agent", OLD).code == 0
    again = shop("fork", "--of", "patient", "--at", "5", "--user", "Refund me.", "--name", "again")
    assert again.code == 0
    other = ("--at", "3", "--tool-result", "check_status", DELIVERED, "--name", "delivered")
    assert shop("fork", "chat-1184", *other, "--agent", OLD).code == 0
    refund = "issue_refund(order_id='NB-5528', amount=64.0)"
    shown = shop("forks", "show", "again").out.splitlines()
    assert [line.rstrip() for line in shown if line] == [
        "sess:chat-1184  the recording, 5 turns",
        "├─ patient  at turn 4: user says 'I will wait. Where is it?'",
        f"│  beside the recording: Turn 4: {refund} became check_status(order_id='NB-5528')",
        "│  └─ again  at turn 5: user says 'Refund me.'",
        f"│     beside patient: Turn 5: {refund} was added",
        f"│     beside the recording: Turn 4: {refund} became check_status(order_id='NB-5528')",
        "└─ delivered  at turn 3: check_status on turn 3 gives {'status': 'delivered', "
        "'last_seen': 'the door', 'expected': 'today'}",
        '   beside the recording: Turn 3: "Your order is in transit, last seen at the northern '
        'sorting centre. It is expec…" became "Your order is delivered, last seen at the door. '
        "It is expect…",
    ]
    listed = shop("forks", "list").out
    assert "sess:chat-1184" in listed
    assert "user says 'Refund me.'" in listed


def test_the_json_of_a_tree_fits_its_schema(shop: Reenact, tmp_path: Path) -> None:
    (prompt := tmp_path / "prompt.txt").write_text("Be brief.\n")
    with_prompt = ("--at", "4", "--agent", OLD, "--system", str(prompt))
    made = shop("fork", "chat-1184", *with_prompt, "--json")
    jsonschema.Draft202012Validator(schema_of("run")).validate(json.loads(made.out))
    trees = json.loads(shop("forks", "show", "chat-1184", "--json").out)
    jsonschema.Draft202012Validator(schema_of("forks")).validate(trees)
    (fork,) = trees[0]["forks"]
    assert fork["edits"] == [{"text": "Be brief.", "kind": "system"}]
    assert json.loads(shop("forks", "list", "--json").out)[0]["name"] == "fork-1"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--at", "4"], "name a talk or a fork, one of the two"),
        (["chat-1184", "--at", "4"], "no agent is named"),
        (["chat-1184", "--at", "4", "--agent", OLD, "--tool-result", "4.1", "paid"], "is no JSON"),
        (["chat-1184", "--at", "4", "--agent", OLD, "--system", "no.txt"], "cannot be read"),
        (["--of", "nobody", "--at", "4"], "no such fork: nobody"),
        (["chat-1185", "--at", "4", "--agent", OLD], "did you mean"),
    ],
)
def test_wrong_use_is_told(shop: Reenact, argv: list[str], said: str) -> None:
    ended = shop("fork", *argv)
    assert ended.code == 2
    assert said in ended.err


def test_a_talk_without_forks_says_how_to_make_one(shop: Reenact) -> None:
    assert "no forks of it yet" in shop("forks", "show", "chat-1184").out
    assert "no forks yet" in shop("forks", "list").out
    assert shop("forks", "show", "nothing").code == 2
