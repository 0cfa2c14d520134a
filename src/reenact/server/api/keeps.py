"""Keep: a row of a run as a regression test: proposed, proven, written where that is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from reenact.domain.expectation import Expectation, Judgement
from reenact.errors import UsageError
from reenact.evaluate.expectations import statement
from reenact.keep.file import new_file, personal_data_in, recording_file, refuse_personal_data
from reenact.keep.keeping import ProvenCase, keep_row, proven_case
from reenact.runs.workspace import Workspace
from reenact.server.api.asked import Asked, Closed, Flag, Id, Words
from reenact.server.api.callers import Asking, Caller
from reenact.server.api.owned import Owned
from reenact.server.api.routes import routes_of
from reenact.server.options import ServerOptions

_FileName = Annotated[
    str, Field(max_length=100, pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$")
]


class KeepAsked(Asked):
    """What to keep, under which name, and what must hold."""

    run_id: Id
    row_id: Id | None = None
    """The row; not needed where the run has only one."""
    name: Annotated[_FileName | None, Field(examples=["tuesday-refund"])] = None
    description: Words = ""
    expectations: Annotated[
        tuple[Annotated[Expectation, Closed()], ...] | None, Field(max_length=100)
    ] = None
    """None for those that are proposed."""
    allow_personal_data: Flag = False
    force: Flag = False
    """Write it although its proof does not hold."""
    update: Flag = False
    """Change the file of this name; what people wrote in it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofView:
    """Whether a case tells the bug from the fix, and the file that says so."""

    holds: bool
    passed: int
    of: int
    """Repeats of the replay."""
    sentence: str
    problems: tuple[str, ...]
    baseline: tuple[Judgement, ...]
    repeats: tuple[tuple[Judgement, ...], ...]
    file_name: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepProposal:
    """What could be kept of a row."""

    name: str
    expectations: tuple[Expectation, ...]
    statements: tuple[str, ...]
    """The expectations in words."""
    findings: tuple[str, ...]
    """Personal data and secrets that the files would hold."""
    folder: str | None
    """Where the server writes cases; None where it was given no folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptView:
    """What became of keeping."""

    name: str
    path: str | None
    """The file that was written; None where the server has no folder for it."""
    recording_name: str
    """The file of the recording, which lies beside it."""
    recording: str | None
    """What that file holds, where the server wrote neither."""
    updated: bool
    proof: ProofView


def router(workspace: Workspace, options: ServerOptions) -> APIRouter:
    """Return the routes of keeping."""
    routes = routes_of("keep")

    def proven(who: Caller, asked: KeepAsked) -> ProvenCase:
        who.must("run")
        return proven_case(
            workspace,
            Owned(workspace).run(who, asked.run_id),
            asked.row_id,
            folder=options.cases if asked.update else None,
            name=asked.name,
            description=asked.description,
            expectations=asked.expectations,
        )

    @routes.post("/keeps/proposals")
    def propose_case(who: Asking, asked: KeepAsked) -> KeepProposal:
        """Propose a name and expectations for a row; nothing is written."""
        found = proven(who, asked)
        return KeepProposal(
            name=found.case.name,
            expectations=found.case.expectations,
            statements=tuple(statement(one) for one in found.case.expectations),
            findings=tuple(str(one) for one in personal_data_in(found.case, found.recording)),
            folder=str(options.cases) if options.cases else None,
        )

    @routes.post("/keeps/proof")
    def prove_case(who: Asking, asked: KeepAsked) -> ProofView:
        """Hold expectations against the recording and the replays; nothing is written."""
        return _proof(proven(who, asked))

    @routes.post("/keeps", status_code=201)
    def keep(who: Asking, asked: KeepAsked) -> KeptView:
        """Keep a row: written to the folder that the server was given, or given to be saved."""
        found = proven(who, asked)
        if not found.proof.holds and not asked.force:
            raise UsageError(
                f"its proof does not hold: {found.proof.sentence}",
                where=found.case.name,
                next_step="; ".join(found.proof.problems[:5]) or "pass force to keep it anyway",
            )
        if options.cases is None:
            return _given(found, allow_personal_data=asked.allow_personal_data)
        kept = keep_row(
            workspace,
            Owned(workspace).run(who, asked.run_id),
            asked.row_id,
            folder=options.cases,
            name=asked.name,
            description=asked.description,
            expectations=asked.expectations,
            allow_personal_data=asked.allow_personal_data,
            force=asked.force,
            update=asked.update,
        )
        return KeptView(
            name=kept.case.name,
            path=str(kept.path) if kept.path else None,
            recording_name=recording_file(found.case, found.recording).name,
            recording=None,
            updated=kept.updated,
            proof=_proof(found),
        )

    return routes


def _proof(found: ProvenCase) -> ProofView:
    file = new_file(found.case)
    return ProofView(
        holds=found.proof.holds,
        passed=found.proof.passed,
        of=found.proof.of,
        sentence=found.proof.sentence,
        problems=found.proof.problems,
        baseline=found.baseline,
        repeats=found.repeats,
        file_name=file.name,
        file=file.text,
    )


def _given(found: ProvenCase, *, allow_personal_data: bool) -> KeptView:
    """Return the files to be saved by whoever asked: this server writes none."""
    if not allow_personal_data:
        refuse_personal_data(found.case, found.recording)
    recording = recording_file(found.case, found.recording)
    return KeptView(
        name=found.case.name,
        path=None,
        recording_name=recording.name,
        recording=recording.text,
        updated=False,
        proof=_proof(found),
    )
