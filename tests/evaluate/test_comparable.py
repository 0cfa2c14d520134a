from __future__ import annotations

from dataclasses import replace

from reenact.domain.conversation import Message
from reenact.evaluate.comparable import why_not_comparable
from support.talks import REFUND, agent, talk, user

SILENT = replace(user(""), parts=())


def test_a_recording_with_all_the_users_words_compares() -> None:
    assert why_not_comparable(REFUND, verbatim=[1.0, 0.5, None]) is None
    assert why_not_comparable(talk(agent("Hello."), user("Hi"), agent("x")), verbatim=[]) is None


def test_words_that_the_capture_lacks_are_named_by_turn() -> None:
    said: list[Message] = [user("Hi"), agent("x")]
    for _ in range(7):
        said += [SILENT, agent("x")]
    found = why_not_comparable(talk(*said), verbatim=[1.0])
    assert found == "the capture lacks what the user said on turns 2, 3, 4, 5, 6 and 2 more"
    assert why_not_comparable(talk(*said), verbatim=[1.0], only_turn=1) is None
    alone = why_not_comparable(talk(*said), verbatim=[1.0], only_turn=3)
    assert alone == "the capture lacks what the user said on turn 3"


def test_a_replay_that_mostly_improvised_does_not_compare() -> None:
    found = why_not_comparable(REFUND, verbatim=[1.0, 0.25])
    assert found == "only 25% of what the user said in the replay was recorded"
