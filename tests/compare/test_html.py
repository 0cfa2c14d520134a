from __future__ import annotations

import re
from dataclasses import replace
from html import escape

import pytest

from reenact.compare.html import render
from reenact.compare.html_parts.element import MAX_TEXT, element
from reenact.compare.html_parts.metrics import metrics_table
from reenact.domain.comparison import Metric
from support.pages import Page
from support.replays import record, replay_of
from support.run_views import STORY, call_view, run_view, stopped_call, story_call
from support.talks import agent, call, talk, user


def page(*calls: object, **fields: str) -> Page:
    return Page(render(run_view(*calls, **fields)))  # type: ignore[arg-type]


STORY_PAGE = page(story_call())

HOSTILE = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "\"><a href='javascript:alert(1)'>x</a>",
    "' onmouseover='alert(1)",
    "<!-- --><iframe src=//evil.example></iframe>",
    "</title><svg/onload=alert(1)>",
    "&lt;b&gt; &amp;lt; &#60;script&#62;",
    "\x00\x1b[31m\ud800\u202e end",
]


def test_the_page_needs_nothing_from_anywhere() -> None:
    document = render(run_view(story_call(), stopped_call()))
    names = {tag for tag, _ in Page(document).tags}
    assert not names & {"script", "img", "link", "iframe", "object", "embed", "form", "svg", "base"}
    assert "url(" not in document
    assert "@import" not in document
    assert "http://" not in document
    assert "https://" not in document


def test_the_policy_forbids_all_but_the_pages_own_style() -> None:
    policies = [
        attrs["content"]
        for tag, attrs in STORY_PAGE.tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    assert (policies[0] or "").startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_every_link_jumps_to_a_place_on_the_page() -> None:
    found = page(story_call(), stopped_call(), call_view(STORY, replay_of(STORY), row="same"))
    links, places = found.values("href"), found.values("id")
    assert links
    assert all(link.startswith("#") and link[1:] in places for link in links)
    assert len(places) == len(set(places))


def test_the_first_divergence_stands_first_and_leads_to_its_turn() -> None:
    document = render(run_view(story_call()))
    sentence = "Turn 2: send_invoice(order.items.0.count): 1 became 2"
    assert f'<a href="#call-1-turn-2">{sentence}</a>' in document
    assert document.index(sentence) < document.index("Input tokens")


def test_a_changed_text_does_not_hide_the_first_other_act() -> None:
    baseline = talk(user("Hi"), agent("Hello."), user("Go"), call("refund"), agent("Done."))
    turns = [
        record(1, user("Hi"), agent("Hi!")),
        record(2, user("Go"), call("look"), agent("Done.")),
    ]
    text = page(call_view(baseline, turns)).text
    assert 'Turn 1: "Hello." became "Hi!"' in text
    assert "First other act: Turn 2: refund() became look()" in text


def test_changed_words_and_arguments_are_marked_on_both_sides() -> None:
    document = render(run_view(story_call()))
    assert "<del>I have issued a refund of $49.90 for your</del> order A-1003" in document
    assert "<ins>is on its way. No refund was made</ins>" in document
    order = escape('{"id": "A-1001", "items": [{"sku": "S-1", "count": 2}]}')
    assert f"<mark>{order}</mark>" in document
    assert "<del>1</del> <ins>2</ins>" in document
    assert "<mark>&quot;ana@example.com&quot;</mark>" not in document


@pytest.mark.parametrize("provenance", ["recorded", "declared", "live", "refused"])
def test_where_an_answer_came_from_is_on_its_call(provenance: str) -> None:
    assert f"badge {provenance}" in STORY_PAGE.values("class")


def test_a_miss_shows_the_nearest_call_and_the_lines_to_paste() -> None:
    assert "what differs: order_id: recorded 'A-1001', asked 'A-1003'" in STORY_PAGE.text
    assert '- tool: check_status\n  arguments: {"order_id": "A-1003"}' in STORY_PAGE.text


def test_the_header_says_what_ran_and_how_it_went() -> None:
    text = STORY_PAGE.text
    for fact in ("shop", "shop-support, version 2", "shop.agents:fixed", "verbatim", "1 fixed"):
        assert fact in text
    assert "2026-11-24 18:30:00 UTC" in text


def test_fidelity_expectations_and_unused_calls_are_shown() -> None:
    text = STORY_PAGE.text
    assert "Fidelity of the capture: 92 of 100" in text
    assert "2 of 3: 1 was cut short" in text
    assert "turn 4: must not call issue_refund" in text
    assert "Recorded calls that the replay never asked for" in text


def test_turns_that_were_not_run_say_why() -> None:
    text = page(stopped_call()).text
    assert "not run: the user's side stopped after turn 1" in text
    assert "Ended: diverged" in text


def test_equal_turns_are_folded_and_others_are_open() -> None:
    folded = [attrs["id"] for tag, attrs in STORY_PAGE.tags if tag == "details" and "id" in attrs]
    assert folded == ["call-1-turn-1", "call-1-turn-5"]


def test_a_run_without_calls_still_gives_a_page() -> None:
    assert "0 of 0 calls completed" in page().text


def document_about(said: str) -> str:
    """Return a report in which telemetry put `said` wherever it can put something."""
    key = said.replace(".", "")  # a dot in a key would read as a path
    baseline = talk(user(said), call(said, {key: said}, said), agent(said))
    failed = replace(call(said, {key: [said]}, error=said), provenance="live")
    turns = [record(1, user(said), failed, agent(f"{said} {said}"))]
    view = call_view(baseline, turns, row=said, error=said, unused=(call(said),))
    return render(run_view(view, view, project=said, scenario=said, agent=said, target=said))


def shape(document: str) -> list[tuple[str, list[str]]]:
    """Return the elements of a page and their attributes, but for the marks of changed words."""
    return [(tag, sorted(a)) for tag, a in Page(document).tags if tag not in {"del", "ins"}]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_only_ever_text(hostile: str) -> None:
    document = document_about(hostile)
    document.encode("utf-8")
    assert shape(document) == shape(document_about("calm"))
    assert re.sub("[\x00-\x1f\ud800-\udfff]", "\ufffd", hostile) in Page(document).text


def test_an_attribute_cannot_be_broken_out_of() -> None:
    made = element("span", "x", title='"><script>').markup
    assert made == '<span title="&quot;&gt;&lt;script&gt;">x</span>'


def test_a_text_of_a_megabyte_is_cut_and_says_so() -> None:
    long = talk(user("Hi"), agent("word " * 200_000))
    document = render(run_view(call_view(long, [record(1, user("Hi"), agent("w " * 500_000))])))
    assert len(document) < MAX_TEXT * 6
    assert "more characters)" in document


@pytest.mark.parametrize(
    ("change", "better", "tone"),
    [(5, "lower", "bad"), (-5, "lower", "good"), (5, "higher", "good"), (5, None, None)],
)
def test_a_change_is_coloured_by_whether_it_is_good(
    change: float, better: str | None, tone: str | None
) -> None:
    table = metrics_table(
        [
            Metric(
                name="errors",
                unit="turns",
                baseline=10,
                replay=10 + change,
                change=change,
                change_percent=change * 10,
                better=better,  # type: ignore[arg-type]
            )
        ]
    )
    classes = set(Page(table.markup).values("class")) - {"metrics"}
    assert classes == ({tone} if tone else set())


def test_an_unknown_number_is_a_dash_not_a_zero() -> None:
    unknown = Metric(
        name="cost_usd",
        unit="USD",
        baseline=None,
        replay=0.0123,
        change=None,
        change_percent=None,
        better="lower",
    )
    words = [word.strip() for word in Page(metrics_table([unknown]).markup).words]
    assert words[-5:] == ["Cost (US$)", "\N{EN DASH}", "0.0123", "\N{EN DASH}", "\N{EN DASH}"]
