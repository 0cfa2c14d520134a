"""A guided talk in memory: a user made of a recording, and an agent that says what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from reenact.domain.conversation import Conversation, Item, Message
from reenact.domain.run import TurnRecord
from reenact.domain.scenario import Row
from reenact.domain.turn import turns_of
from reenact.llm.port import LanguageModel
from reenact.replay.script import script_of
from reenact.users.policy import Part, Say, Stop, user_of
from support.talks import agent

Answer = Callable[[str, int], Sequence[Item] | str]
"""What the agent does on hearing these words on that turn: its words, or items."""


@dataclass
class GuidedTalk:
    """What became of it: the turns, and how it ended."""

    records: list[TurnRecord] = field(default_factory=list)
    stop: Stop = field(default_factory=lambda: Stop(reason=None))

    @property
    def said(self) -> list[str]:
        """The user's words, turn by turn."""
        return [
            "\n".join(i.text for i in r.items if isinstance(i, Message) and i.role == "user")
            for r in self.records
        ]

    @property
    def kinds(self) -> list[str]:
        """What was chosen on each turn: `next 2`, `improvise`."""
        found = []
        for record in self.records:
            assert record.choice is not None
            turn = record.choice.recorded_turn
            found.append(record.choice.kind + (f" {turn}" if turn is not None else ""))
        return found

    @property
    def reasons(self) -> list[str]:
        """Why."""
        return [record.choice.reason for record in self.records if record.choice]


def part_of(recording: Conversation, *, calls_seen: bool = True) -> Part:
    """Return what a user has to speak from."""
    script = script_of(recording, Row(id="row", recording_hash=None))
    return Part(turns=script.turns, before=script.before, calls=script.calls, calls_seen=calls_seen)


def guided(
    recording: Conversation,
    answer: Answer | Iterable[Sequence[Item] | str],
    *,
    model: LanguageModel | None = None,
    most: int = 200,
) -> GuidedTalk:
    """Talk to an agent until the user stops, or it has no more answers."""
    return asyncio.run(_talk(recording, answer, model, most))


async def _talk(
    recording: Conversation,
    answer: Answer | Iterable[Sequence[Item] | str],
    model: LanguageModel | None,
    most: int,
) -> GuidedTalk:
    user = user_of("guided", part_of(recording), model=model)
    answers = None if callable(answer) else iter(answer)
    talk = GuidedTalk()
    for index in range(1, most + 1):
        step = user.next(misfit=None)
        if not isinstance(step, (Say, Stop)):
            step = await step
        if isinstance(step, Stop):
            talk.stop = step
            return talk
        words = "\n".join(message.text for message in step.messages)
        did = answer(words, index) if callable(answer) else next(answers or iter(()), None)
        if did is None:
            return talk
        items: Sequence[Item] = (agent(did),) if isinstance(did, str) else did
        record = TurnRecord(
            call_id="call-1",
            attempt=1,
            index=index,
            items=(*step.messages, *items),
            choice=step.choice,
            user_provenance=step.provenance,
        )
        talk.records.append(record)
        user.hear(record)
    raise AssertionError(f"the user still speaks after {most} turns")


def answers_of(recording: Conversation) -> list[Sequence[Item]]:
    """Return what the recorded agent did, turn by turn."""
    return [
        [i for i in turn.items if not (isinstance(i, Message) and i.role == "user")]
        for turn in turns_of(recording)
        if turn.index > 0
    ]
