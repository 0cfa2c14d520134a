from __future__ import annotations

from dataclasses import replace

from reenact.domain.conversation import Message
from reenact.evaluate.comparable import why_not_comparable
from reenact.evaluate.verbatim import VerbatimShare
from support.talks import REFUND, agent, talk, user

ALL, NOTHING = VerbatimShare(turns=1.0, words=1.0), VerbatimShare(turns=None, words=None)
SILENT = replace(user(""), parts=())


def test_a_recording_with_all_the_users_words_compares() -> None:
    assert why_not_comparable(REFUND, verbatim=[ALL, share(0.7), NOTHING]) is None
    assert why_not_comparable(talk(agent("Hello."), user("Hi"), agent("x")), verbatim=[]) is None


def test_words_that_the_capture_lacks_are_named_by_turn() -> None:
    said: list[Message] = [user("Hi"), agent("x")]
    for _ in range(7):
        said += [SILENT, agent("x")]
    found = why_not_comparable(talk(*said), verbatim=[ALL])
    assert found == "the capture lacks what the user said on turns 2, 3, 4, 5, 6 and 2 more"
    assert why_not_comparable(talk(*said), verbatim=[ALL], only_turn=1) is None
    alone = why_not_comparable(talk(*said), verbatim=[ALL], only_turn=3)
    assert alone == "the capture lacks what the user said on turn 3"


def test_a_replay_that_mostly_improvised_does_not_compare() -> None:
    found = why_not_comparable(REFUND, verbatim=[ALL, share(0.25)])
    assert found == "only 25% of what the user said in the replay was recorded"


def test_a_few_improvised_turns_full_of_words_do_not_compare_either() -> None:
    found = why_not_comparable(REFUND, verbatim=[VerbatimShare(turns=0.8, words=0.4)])
    assert found == "only 40% of what the user said in the replay was recorded"


def test_repeats_whose_users_said_other_things_do_not_compare() -> None:
    found = why_not_comparable(REFUND, verbatim=[ALL, share(0.6), ALL])
    assert found == ("the repeats' users said other things: from 60% to 100% of it was recorded")


def share(recorded: float) -> VerbatimShare:
    return VerbatimShare(turns=recorded, words=recorded)
