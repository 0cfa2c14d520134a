"""The guided user without a model: each way in which a talk can leave its recording."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from support.guided import answers_of, guided
from support.replays import tau2_talks
from support.talks import REFUND, agent, call, talk, user

ORDER = talk(
    agent("Hello, how can I help you?"),
    user("I would like to return my kettle."),
    agent("Sure. What is the e-mail address of your account?"),
    user("It is ana@example.com."),
    agent("Thank you. And which order number is it?"),
    user("The order number is A-1003."),
    agent("Shall I return order A-1003 for you?"),
    user("Yes."),
    call("return_order", {"order_id": "A-1003"}, {"ok": True}),
    agent("Done. The label is in your mail."),
    user("Thanks. Can you tell me when you are open, too?"),
    agent("From nine to six."),
)


def test_an_agent_that_does_what_it_did_hears_the_recording() -> None:
    done = guided(ORDER, answers_of(ORDER))
    assert done.kinds == ["next 1", "next 2", "next 3", "next 4", "next 5"]
    assert done.said == [
        "I would like to return my kettle.",
        "It is ana@example.com.",
        "The order number is A-1003.",
        "Yes.",
        "Thanks. Can you tell me when you are open, too?",
    ]
    assert (done.stop.ended, done.stop.reason) == ("finished", None)


def test_other_words_for_the_same_questions_change_nothing() -> None:
    done = guided(
        ORDER,
        [
            "Of course! To find your account I need your email. Could you give it to me?",
            "Great. Could you please provide the order number?",
            "Would you like me to return order A-1003?",
            "I have returned it. Look for the label in your inbox.",
            "We open at nine and close at six.",
        ],
    )
    assert done.kinds == ["next 1", "next 2", "next 3", "next 4", "next 5"]
    assert done.stop.ended == "finished"


def test_two_questions_swapped_get_their_own_answers() -> None:
    done = guided(
        ORDER,
        [
            "Sure. Which order number is it?",
            "Thank you. What is the e-mail address of your account?",
            "Shall I return order A-1003 for you?",
            "Done. The label is in your mail.",
            "From nine to six.",
        ],
    )
    assert done.kinds == ["next 1", "other 3", "next 2", "next 4", "next 5"]
    assert done.stop.ended == "finished"
    first = done.records[1].choice
    assert first is not None
    assert [passed.turn for passed in first.passed_over] == [2]


def test_a_missing_question_leaves_its_answer_out_and_says_so() -> None:
    done = guided(
        ORDER,
        [
            "Sure. What is the e-mail address of your account?",
            "I found order A-1003. Shall I return order A-1003 for you?",
            "Done. The label is in your mail.",
            "From nine to six.",
        ],
    )
    assert done.said == [
        "I would like to return my kettle.",
        "It is ana@example.com.",
        "Yes.",
        "Thanks. Can you tell me when you are open, too?",
    ]
    choice = done.records[2].choice
    assert choice is not None
    (passed,) = choice.passed_over
    assert passed.turn == 3
    named = [r.choice.passed_over for r in done.records if r.choice]
    assert [len(turns) for turns in named] == [0, 0, 1, 0]
    assert done.stop.ended == "finished"
    assert done.stop.reason == (
        "turn 3 was not said: what it tells was told already, and its question did not come: "
        "And which order number is it?"
    )


@pytest.mark.parametrize(
    "other",
    [
        "Shall I cancel order A-1003 for you?",
        "Shall I return order A-1001 for you?",
        "Shall I return order A-1003 and charge $35.50 for it?",
        "Would you like to subscribe to our newsletter?",
        "Is there a scratch on the kettle?",
        "What is wrong with the kettle?",
    ],
)
def test_a_yes_is_no_yes_to_another_question(other: str) -> None:
    done = guided(ORDER, [*answers_of(ORDER)[:2], other])
    assert "Yes." not in done.said
    assert done.stop.ended == "diverged"
    assert done.stop.reason == f"nothing recorded answers it: {other}"


@pytest.mark.parametrize(
    ("asked_then", "asks_now"),
    [
        ("Is it order A-1003? And which e-mail address is it?", "Which e-mail address is it?"),
        ("Is it the red one? Which order number is it?", "Which order number is it?"),
        ("Let us see if the red light is on.", "Let us see if the door is open."),
        ("I would then cancel it.", "I would then keep it."),
        ("Is there a scratch on the lamp?", "Is there a dent on the lamp?"),
        ("Shall I send it to the shop?", "Shall I send it to your neighbour?"),
    ],
)
def test_a_bare_yes_is_not_said_where_only_something_else_of_its_question_comes(
    asked_then: str, asks_now: str
) -> None:
    recording = talk(user("My lamp blinks."), agent(asked_then), user("Yes."), agent("Good."))
    assert guided(recording, [asks_now, "Good."]).said == ["My lamp blinks."]
    assert guided(recording, [asked_then, "Good."]).said == ["My lamp blinks.", "Yes."]


def test_a_bare_no_to_an_offer_of_more_help_is_said_to_another_offer() -> None:
    recording = talk(
        user("When are you open?"),
        agent("Until six. Can I help you with anything else?"),
        user("No."),
        agent("Goodbye."),
    )
    done = guided(recording, ["From nine to six. Is there anything else I can do?", "Goodbye."])
    assert done.said == ["When are you open?", "No."]


def test_the_same_question_in_other_words_gets_its_yes() -> None:
    for same in (
        "Should I return order A-1003 for you?",
        "I can return order A-1003. Shall I return order A-1003 now?",
        "Please confirm that you want me to return order A-1003.",
    ):
        done = guided(ORDER, [*answers_of(ORDER)[:2], same, "Done."])
        assert done.said[-1] == "Yes.", same


def test_a_fact_that_is_asked_again_is_told_again_in_the_same_words() -> None:
    done = guided(
        ORDER,
        [
            *answers_of(ORDER)[:3],
            "Sorry, could you tell me the order number again?",
            *answers_of(ORDER)[3:],
        ],
    )
    assert "repeat 3" in done.kinds
    place = done.kinds.index("repeat 3")
    assert done.said[place] == "The order number is A-1003."


def test_an_agent_that_asks_for_ever_is_left() -> None:
    done = guided(ORDER, lambda words, turn: "What is the e-mail address of your account?")
    assert done.kinds == ["next 1", "next 2", "repeat 2", "repeat 2"]
    assert done.stop.ended == "diverged"


def test_an_extra_question_in_the_refund_story_is_answered_from_the_recording() -> None:
    done = guided(
        REFUND,
        [
            [call("check_status", {"order_id": "A-1001"}), agent("It has shipped.")],
            "Which order number do you mean?",
            [call("check_status", {"order_id": "A-1003"}), agent("A-1003 is in transit.")],
        ],
    )
    assert done.said[2] == done.said[1]
    assert done.kinds == ["next 1", "next 2", "repeat 2"]
    assert done.reasons[2] == (
        "asked again, and it was said just before: Which order number do you mean?"
    )


def test_an_extra_question_that_nothing_answers_stops_and_says_which() -> None:
    done = guided(REFUND, ["It has shipped.", "Sure. What is your date of birth?"])
    assert done.kinds == ["next 1", "next 2"]
    assert done.stop.ended == "diverged"
    assert done.stop.reason == "nothing recorded answers it: What is your date of birth?"


def test_a_reaction_to_what_did_not_happen_is_left_out() -> None:
    fixed = [
        [call("check_status", {"order_id": "A-1001"}), agent("It has shipped.")],
        [call("check_status", {"order_id": "A-1003"}), agent("A-1003 is in transit.")],
    ]
    done = guided(REFUND, fixed)
    assert done.kinds == ["next 1", "next 2"]
    assert (done.stop.ended, done.stop.reason) == (
        "finished",
        "turn 3 was not said: it reacts to issue_refund, which was not called here",
    )


def test_words_that_name_what_the_agent_has_not_told_here_are_not_said() -> None:
    offer = talk(
        user("Which flights are there on Monday?"),
        agent("There is HAT266 for $414. Would you like me to book it?"),
        user("Yes, please book HAT266 for $414."),
        agent("It is booked."),
    )
    done = guided(offer, ["There is HAT110. Would you like me to book it?"])
    assert done.kinds == ["next 1"]
    assert done.stop.ended == "diverged"


def test_a_wish_that_names_what_the_agent_has_not_told_here_is_left_out() -> None:
    sent = talk(
        user("Please refund my kettle."),
        agent("Done. The reference is R-911."),
        user("Can you mail me R-911, please?"),
        agent("I have mailed it."),
    )
    done = guided(sent, ["Done."])
    assert done.kinds == ["next 1"]
    assert done.stop.reason == (
        "turn 2 was not said: it names r911, which the agent has not told here"
    )
    assert guided(sent, ["Done. It has the reference R-911.", "Yes."]).kinds == ["next 1", "next 2"]


def test_an_open_question_gets_the_next_wish() -> None:
    wish = talk(
        user("Hello"),
        agent("Hello! What can I do for you?"),
        user("I would like to return my kettle, please."),
        agent("Done."),
    )
    done = guided(wish, ["Good morning. How would you like to proceed?", "Done."])
    assert done.kinds == ["next 1", "next 2"]


def test_a_recording_that_ends_on_a_question_ends_the_replay_there_too() -> None:
    cut = talk(user("My kettle is broken."), agent("Sorry. What is your order number?"))
    done = guided(cut, ["Oh no. Could you please give me the order number?"])
    assert (done.stop.ended, done.stop.reason) == ("finished", None)


RUNS = ("retail_gpt-4.1_baseline", "retail_gpt-4.1_sft_changed", "airline_gpt-4.1_baseline",
        "airline_gpt-4.1_sft_changed", "telecom_gpt-4o")  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_a_real_agent_that_changed_nothing_hears_its_recording_in_order(
    shared: Path, name: str
) -> None:
    for recording in runs_of(shared, name).values():
        answers = answers_of(recording)
        done = guided(recording, answers)
        assert done.kinds == [f"next {n}" for n in range(1, len(answers) + 1)], recording.id
        assert (done.stop.ended, done.stop.reason) == ("finished", None)


@pytest.mark.parametrize("domain", ["retail", "airline"])
def test_real_pairs_before_against_after_end_and_give_a_reason_for_every_turn(
    shared: Path, domain: str, record_property: pytest.RecordProperty
) -> None:
    before = runs_of(shared, f"{domain}_gpt-4.1_baseline")
    after = runs_of(shared, f"{domain}_gpt-4.1_sft_changed")
    chosen: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for task in before.keys() & after.keys():
        # After its last answer the recorded agent says nothing that would want another one.
        answers = chain(answers_of(after[task]), ["Goodbye."] * 50)
        done = guided(before[task], answers)
        assert all(done.reasons)
        used = [kind for kind in done.kinds if not kind.startswith("repeat")]
        assert len(used) == len(set(used))
        chosen.update(kind.split()[0] for kind in done.kinds)
        ended[done.stop.ended] += 1
    record_property("chosen", dict(chosen))
    record_property("ended", dict(ended))
    assert chosen["next"] > 5 * (chosen["other"] + chosen["repeat"])
    assert set(ended) <= {"finished", "diverged"}


PAIRS = [
    # An address that the user had not said before, asked for in another step.
    ("retail", "17", ["next 1", "next 2", "next 3", "next 4", "next 5"], "finished"),
    # The changed agent asks which of two bookings it is; the recorded user was never asked.
    ("airline", "2", ["next 1", "next 2"], "diverged"),
    # "Which one is it?" is no question that "Yes, that's the one" answers.
    ("airline", "22", ["next 1", "next 2", "next 3"], "diverged"),
]


@pytest.mark.parametrize(("domain", "task", "kinds", "ended"), PAIRS)
def test_what_was_chosen_in_a_pair_that_a_person_has_read(
    shared: Path, domain: str, task: str, kinds: list[str], ended: str
) -> None:
    before = runs_of(shared, f"{domain}_gpt-4.1_baseline")[task]
    after = runs_of(shared, f"{domain}_gpt-4.1_sft_changed")[task]
    done = guided(before, answers_of(after))
    assert (done.kinds, done.stop.ended) == (kinds, ended)


def runs_of(shared: Path, name: str):
    return tau2_talks(shared / "data" / "conversations" / "tau2_runs" / f"{name}.json")
