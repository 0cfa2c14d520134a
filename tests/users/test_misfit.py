from __future__ import annotations

import pytest

from reenact.domain.turn import Turn
from reenact.users.misfit import misfit, questions
from support.talks import REFUND, agent, call, talk, turn, user

RECORDED = turn(REFUND, 2)


def says(words: str) -> Turn:
    return turn(talk(user(words)), 1)


def test_the_same_turn_fits() -> None:
    assert misfit(RECORDED, RECORDED.items, next_turn=says("What?!")) is None


def test_another_tool_is_a_misfit() -> None:
    replayed = [user("x"), call("check_status", {"order_id": "A-1003"}), agent("In transit.")]
    assert misfit(RECORDED, replayed, next_turn=says("What?!")) == (
        "called check_status where the recording called issue_refund"
    )


def test_other_arguments_are_a_misfit_but_a_number_as_text_is_not() -> None:
    other = [call("issue_refund", {"order_id": "A-1003", "amount": 50}), agent("Done")]
    alike = [call("issue_refund", {"order_id": "A-1003", "amount": "49.9"}), agent("Done")]
    assert misfit(RECORDED, other, next_turn=None) == "other arguments for issue_refund"
    assert misfit(RECORDED, alike, next_turn=None) is None


def test_other_words_alone_fit() -> None:
    replayed = [RECORDED.tool_calls[0], agent("Your money is on its way.")]
    assert misfit(RECORDED, replayed, next_turn=says("What?!")) is None


def test_a_question_that_the_recorded_words_do_not_answer_is_a_misfit() -> None:
    replayed = [RECORDED.tool_calls[0], agent("Done. What is your postal code?")]
    assert (
        misfit(RECORDED, replayed, next_turn=says("Thanks")) == "asked: What is your postal code?"
    )
    assert misfit(RECORDED, replayed, next_turn=None) is None


ASKING = turn(talk(user("I want my money."), agent("Shall I refund order A-1003?")), 1)


def test_the_same_question_in_other_words_fits() -> None:
    replayed = [agent("Should I refund order A-1003 for you?")]
    assert misfit(ASKING, replayed, next_turn=says("Yes.")) is None


def test_a_yes_to_a_question_that_was_not_asked_is_a_misfit() -> None:
    replayed = [agent("It is on its way.")]
    assert misfit(ASKING, replayed, next_turn=says("Yes.")) == (
        "did not ask: Shall I refund order A-1003?"
    )


@pytest.mark.parametrize(
    "offer",
    ["Is there anything else?", "How can I help you today?", "Can I assist you further?"],
)
def test_an_offer_of_more_help_asks_nothing(offer: str) -> None:
    assert questions(offer) == []


def test_a_user_who_goes_on_without_words_answers_no_question() -> None:
    silent = turn(talk(user("")), 1)
    assert misfit(ASKING, [agent("What is your postal code?")], next_turn=silent) == (
        "asked: What is your postal code?"
    )
    assert misfit(ASKING, [agent("It is on its way.")], next_turn=silent) is None
