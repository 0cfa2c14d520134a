from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.importers.tau import conversations_in
from reenact.domain.conversation import ModelCall, ToolDefinition
from reenact.redact.find import Finding, findings, findings_in, mask
from reenact.redact.personal import is_card, is_iban
from support.talks import REFUND, agent, call, talk, user

# Put together here, so that no scanner takes this file for a leak.
SECRETS = [
    ("OpenAI key", "sk-" + "proj-" + "Ab1" * 12),
    ("OpenAI key", "sk-" + "Ab1" * 16),
    ("Anthropic key", "sk-" + "ant-api03-" + "Ab1" * 12),
    ("AWS access key", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("AWS secret key", "aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("GitHub token", "ghp_" + "a1B2" * 9),
    ("GitHub token", "github_pat_" + "a1B2" * 9),
    ("Slack token", "xoxb-" + "1234567890-abcdefghij"),
    ("Stripe key", "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"),
    ("Google key", "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"),
    ("JSON web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + "dozjgNryP4J3jVmNHl0w5N"),
    ("private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
    ("bearer token", "Authorization: Bearer " + "a1b2c3d4e5f6g7h8i9"),
    ("password in an address", "postgres://ana:" + "hunter22@db.example/shop"),
    ("password", "password: " + "hunter22"),
    ("password", "my password is " + "hunter22"),
]
PERSONAL = [
    ("e-mail address", "mail me at ana.lima+shop@example.co.uk, please"),
    ("phone number", "call +49 170 1234567"),
    ("phone number", "call +1 (212) 555-0123 today"),
    ("phone number", "(212) 555-0123"),
    ("phone number", "555-123-2002 is mine"),
    ("phone number", "ring 020 7946 0958"),
    ("phone number", "0170/1234567"),
    ("phone number", "06 12 34 56 78"),
    ("phone number", "my phone number is 2125550123"),
    ("payment card", "4111 1111 1111 1111"),
    ("payment card", "the card 5500-0000-0000-0004 expired"),
    ("bank account (IBAN)", "DE89 3704 0044 0532 0130 00 PLEASE"),
    ("bank account (IBAN)", "GB82WEST12345698765432"),
    ("social security number", "SSN 536-22-1234"),
]
HARMLESS = [
    "My order number is A-1003.",
    "order is 12345",
    "order 1234567890, flight HAT170, reservation ZFA04Y",
    "on 2026-03-05 at 12:30:59, or 05.03.2026 14:30, or 03/05/2026",
    "between 05-03-2026 and 10-03-2026 100 times",
    "It costs $1,234.50, not 49.90 EUR.",
    "3f2b8c1e-9d4a-4c6b-8f1e-2a7d5c9b0e13",
    "trace 4bf92f3577b34da6a3ce929d0e0e4736",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "The password is wrong; use a strong password instead.",
    "version 10.12.2026, ratio 0.12345678",
    "4111 1111 1111 1112",
    "DE88 3704 0044 0532 0130 00",
    "1732419569123 ms since 1970",
    "@shop, see http://example.com/a@b",
    "skill-based routing and task-oriented talks",
]


@pytest.mark.parametrize(("kind", "text"), [*SECRETS, *PERSONAL])
def test_it_is_found_in_running_text_and_masked(kind: str, text: str) -> None:
    (found,) = findings_in(f"Well, {text}", where="turn 1")
    assert (found.kind, found.where) == (kind, "turn 1")
    assert found.masked.endswith("…")
    assert len(found.masked) <= 5
    assert len(str(found)) < 80


@pytest.mark.parametrize("text", HARMLESS)
def test_the_harmless_is_left_alone(text: str) -> None:
    assert findings_in(text, where="turn 1") == ()


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("first_name", "Ana", "name"),
        ("firstName", "Ana", "name"),
        ("dob", "1990-01-01", "date of birth"),
        ("Date-Of-Birth", "1990-01-01", "date of birth"),
        ("address", {"line": "5 High St", "city": "Ely"}, "address"),
        ("zip", 12345, "address"),
        ("phone", "12345", "phone number"),
        ("password", "abc", "secret"),
        ("apiKey", "abc", "secret"),
        ("iban", "unknown shape", "bank account"),
    ],
)
def test_a_field_is_found_by_its_name(field: str, value: Any, kind: str) -> None:
    found = findings_in({"user": {field: value}}, where="result")
    assert {f.kind for f in found} == {kind}
    assert found[0].where.startswith(f"result: user.{field}")


@pytest.mark.parametrize("value", [None, "", "***", "[REDACTED]", "<hidden>", "redacted", True])
def test_a_field_that_says_nothing_is_left_alone(value: Any) -> None:
    assert findings_in({"password": value, "first_name": value}, where="result") == ()


def test_token_counts_and_tool_names_are_no_secrets() -> None:
    data = {"input_tokens": 12, "total_tokens": 99, "name": "kettle", "city": "Ely", "id": "x"}
    assert findings_in(data, where="result") == ()


def test_json_inside_a_text_is_read_as_json() -> None:
    inner = json.dumps({"passengers": [{"last_name": "Lima"}]})
    (found,) = findings_in({"result": inner}, where="result of find")
    assert found == Finding(
        kind="name", where="result of find: result.passengers.0.last_name", masked="L…"
    )


def test_the_masked_excerpt_shows_at_most_a_quarter_and_four_letters() -> None:
    assert [mask(text) for text in ("", "abc", "abcd", "a" * 8, "a" * 99)] == [
        "…",
        "…",
        "a…",
        "aa…",
        "aaaa…",
    ]


def test_every_part_of_a_talk_is_looked_at() -> None:
    conversation = replace(
        talk(
            user("I am at a@example.com", author="b@example.com"),
            replace(
                call("find", {"q": "c@example.com"}, {"m": "d@example.com"}), error="e@example.com"
            ),
            replace(call("find"), arguments=None, arguments_raw="{'q': f@example.com"),
            ModelCall(system_prompt="Write to g@example.com"),
            agent("Sent to h@example.com"),
        ),
        history=(user("i@example.com"),),
        metadata={"customer": "j@example.com"},
        tags=("k@example.com",),
        tools=(ToolDefinition(name="find", description="by l@example.com"),),
    )
    assert len(findings(conversation)) == 12
    assert [f.where for f in findings(conversation)] == [
        "the system prompt",
        "the talk's tags: 0",
        "the talk's metadata: customer",
        "the definition of find: 0",
        "the history, words of the user",
        "turn 1, user's id",
        "turn 1, words of the user",
        "turn 1, arguments of find: q",
        "turn 1, result of find: m",
        "turn 1, error of find",
        "turn 1, arguments of find",
        "turn 1, words of the assistant",
    ]


def test_the_refund_story_holds_nothing_personal(shared: Path) -> None:
    assert findings(REFUND) == ()
    stories = sorted((shared / "data" / "otlp").glob("*/expected.json"))
    assert len(stories) > 30
    for story in stories:
        assert findings_in(json.loads(story.read_text()), where=story.parent.name) == ()


def test_real_airline_talks_hold_names_birthdays_addresses_and_mail(shared: Path) -> None:
    path = shared / "data/conversations/tau_bench/gpt-4o-airline.even_tasks.json"
    talks = list(conversations_in(path, project="tau", on_reject=pytest.fail))
    found = [findings(conversation) for conversation in talks]
    assert len(talks) == 100
    looked_up = [
        any(c.name == "get_user_details" and c.result for c in t.tool_calls) for t in talks
    ]
    assert all(kinds for kinds, looked in zip(found, looked_up, strict=True) if looked)
    assert {f.kind for each in found for f in each} == {
        "name",
        "date of birth",
        "address",
        "e-mail address",
    }


def test_deep_and_long_data_is_looked_at_within_bounds() -> None:
    deep: Any = "a@example.com"
    for _ in range(500):
        deep = [deep]
    assert findings_in(deep, where="deep") == ()
    long = "x " * 1_000_000 + "a@example.com"
    assert [f.kind for f in findings_in(long, where="long")] == ["e-mail address"]
    many = [f"a{n}@example.com" for n in range(3000)]
    assert len(findings_in(many, where="many")) == 1000


@pytest.mark.parametrize("text", ["a." * 50_000, "1 " * 50_000, "sk-" * 50_000, "A1" * 50_000])
def test_hostile_text_does_not_stall(text: str) -> None:
    findings_in(text, where="turn 1")


def test_check_digits() -> None:
    assert is_card("378282246310005")
    assert not is_card("9111111111111111")
    assert is_iban("NL91ABNA0417164300")
    assert not is_iban("XX91ABNA0417164300")
