"""Laws of the guided user, whatever the recording holds and whatever the agent says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from reenact.domain.conversation import Conversation, Item
from reenact.domain.turn import turns_of
from reenact.llm.port import Completion, Prompt
from reenact.llm.scripted import ScriptedModel
from reenact.matching.text import similarity
from reenact.users.advice import MOST_DETOURS, PARAPHRASE
from reenact.users.ledger import Ledger, facts_of
from reenact.users.policy import Say, user_of
from reenact.users.rules import MOST_REPEATS
from support.guided import GuidedTalk, guided, part_of
from support.talks import agent, call, talk, user

USER_LINES = st.sampled_from(
    [
        "Hi, I would like to return my kettle.",
        "Yes.",
        "No",
        "A-1003",
        "It is ana@example.com.",
        "The order number is A-1003.",
        "My name is Ana Silva and my zip code is 28236.",
        "I don't remember the order number. Can you look it up?",
        "Yes, please go ahead and return order A-1003.",
        "What?! I did not ask for a refund.",
        "Thanks, that's all.",
        "Bitte storniere die Bestellung.",
        "\u306f\u3044\u3002",
        "",
    ]
) | st.text(max_size=30)
AGENT_LINES = st.sampled_from(
    [
        "What is your e-mail address?",
        "Could you please provide your order number?",
        "Please give me your first and last name, and the zip code.",
        "Shall I return order A-1003 for you?",
        "Shall I cancel order A-1001 for you?",
        "Please confirm (yes/no) that you would like me to proceed.",
        "How would you like to proceed?",
        "Is there anything else I can help you with?",
        "Done. The label is in your mail.",
        "Wie lautet Ihre Bestellnummer?",
        "",
    ]
) | st.text(max_size=30)
CALLS = st.sampled_from(["return_order", "issue_refund"]).map(
    lambda name: call(name, {"order_id": "A-1003"}, {"ok": True})
)


@st.composite
def agent_turns(draw: st.DrawFn) -> list[Item]:
    return [*draw(st.lists(CALLS, max_size=1)), agent(draw(AGENT_LINES))]


@st.composite
def recordings(draw: st.DrawFn) -> Conversation:
    items: list[Item] = []
    for _ in range(draw(st.integers(1, 5))):
        items += [user(draw(USER_LINES)), *draw(agent_turns())]
    return talk(*items)


@st.composite
def advice(draw: st.DrawFn) -> str:
    words = st.one_of(st.none(), USER_LINES, st.sampled_from(["It is red.", "Yes please", "28236"]))
    return json.dumps(
        {
            "choice": draw(st.sampled_from(["next", "other", "repeat", "improvise", "stop"])),
            "turn": draw(st.none() | st.integers(0, 6)),
            "words": draw(words),
            "reason": "so",
        }
    )


def recorded_texts(recording: Conversation) -> dict[int, str]:
    return {
        turn.index: "\n".join(message.text for message in turn.user_messages)
        for turn in turns_of(recording)
        if turn.index > 0
    }


def for_ever(lines: list[list[Item]]) -> Iterator[list[Item]]:
    while True:
        yield from lines


@settings(deadline=None)
@given(recording=recordings(), answers=st.lists(agent_turns(), min_size=1, max_size=6))
def test_without_a_model_only_recorded_words_are_said_and_each_turn_once_but_for_marked_repeats(
    recording: Conversation, answers: list[list[Item]]
) -> None:
    done = guided(recording, for_ever(answers))
    texts = recorded_texts(recording)
    for record, said in zip(done.records, done.said, strict=True):
        assert record.choice is not None
        assert record.choice.recorded_turn is not None
        assert said == texts[record.choice.recorded_turn]
        assert record.choice.reason
    assert_once(done)
    assert len(done.records) <= len(texts) * (1 + MOST_REPEATS)


@settings(deadline=None)
@given(
    recording=recordings(),
    answers=st.lists(agent_turns(), min_size=1, max_size=6),
    advised=st.lists(advice(), min_size=1, max_size=12),
)
def test_with_a_model_no_unused_turn_is_paraphrased_and_nothing_unknown_is_named(
    recording: Conversation, answers: list[list[Item]], advised: list[str]
) -> None:
    done = guided(recording, for_ever(answers), model=CyclingModel(advised))
    texts = recorded_texts(recording)
    ledger = Ledger(facts_of(recording.items, told_until=len(recording.items)))
    unused = dict(texts)
    for record, said in zip(done.records, done.said, strict=True):
        assert record.choice is not None
        if record.choice.kind == "improvise":
            assert all(similarity(said, text) < PARAPHRASE for text in unused.values())
            assert not ledger.unknown(said)
        else:
            assert said == texts[record.choice.recorded_turn or 0]
            unused.pop(record.choice.recorded_turn or 0, None)
    assert_once(done)
    assert len(done.records) <= len(texts) * (1 + MOST_REPEATS) + MOST_DETOURS


@settings(deadline=None)
@given(recording=recordings(), answers=st.lists(agent_turns(), min_size=1, max_size=6))
def test_a_user_that_heard_a_journal_goes_on_as_the_one_that_lived_it(
    recording: Conversation, answers: list[list[Item]]
) -> None:
    done = guided(recording, for_ever(answers))
    for cut in range(len(done.records)):
        again = user_of("guided", part_of(recording))
        for record in done.records[:cut]:
            again.hear(record)
        step = again.next(misfit=None)
        assert isinstance(step, Say)
        assert step.choice == done.records[cut].choice


def assert_once(done: GuidedTalk) -> None:
    choices = [record.choice for record in done.records if record.choice]
    first = Counter(c.recorded_turn for c in choices if c.kind in ("next", "other"))
    assert all(count == 1 for count in first.values())
    repeats = Counter(c.recorded_turn for c in choices if c.kind == "repeat")
    assert all(count <= MOST_REPEATS for count in repeats.values())
    assert repeats.keys() <= first.keys()


class CyclingModel(ScriptedModel):
    """Gives its answers over and over."""

    def __init__(self, answers: Iterable[str]) -> None:
        self._all = tuple(answers)
        self._place = 0
        super().__init__(self._all)

    async def complete(self, prompt: Prompt) -> Completion:
        text = self._all[self._place % len(self._all)]
        self._place += 1
        return Completion(text=text, data=json.loads(text), model=self.name)
