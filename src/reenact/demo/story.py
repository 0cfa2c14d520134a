"""The story of one bug, told and shown: from a capture to a test that fails when it comes back.

Every step does what the command above it does, through the same functions, and is checked: a
demo that shows something else than it says is a defect, and ends with exit code 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from reenact.capture.importing import import_paths
from reenact.compare.html import render
from reenact.demo import shop
from reenact.demo.stage import (
    StoryBroken,
    calls_on,
    claim,
    claim_statuses,
    claim_untouched,
    make_fresh,
    settings_in,
    where_to_find,
)
from reenact.demo.talks import PROJECT, TALKS, TUESDAY, WORDS
from reenact.demo.telling import Teller, comparison_lines, talk_lines, verdict_lines
from reenact.domain.recording import Recording
from reenact.domain.run_view import RunView
from reenact.domain.selection import Filter
from reenact.evaluate.expectations import statement
from reenact.keep.file import read_case
from reenact.keep.keeping import keep_row
from reenact.keep.suite import run_case
from reenact.runs.replay import replay
from reenact.runs.workspace import Workspace
from reenact.settings import Settings

OLD, FIXED = "reenact.demo.agents:old", "reenact.demo.agents:fixed"
NAME = "tuesday-refund"
REPORT = "report.html"
KEPT = Path("tests/replays")
BUG_TURN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What every step of the story needs."""

    teller: Teller
    folder: Path
    settings: Settings
    old: str
    fixed: str


def run_demo(folder: Path, *, out: Console, old: str = OLD, fixed: str = FIXED) -> int:
    """Tell the story in `folder`, made fresh; return 0 if every step showed what it should.

    Args:
        folder: Where the demo keeps its capture, store, report and kept case.
        out: The terminal.
        old: The agent that has the bug.
        fixed: The agent that has not.

    Raises:
        UsageError: when `folder` holds something that the demo did not make.
    """
    make_fresh(folder)
    shop.LEDGER.clear()
    scene = Scene(
        teller=Teller(out),
        folder=folder,
        settings=settings_in(folder / "home"),
        old=old,
        fixed=fixed,
    )
    try:
        _tell(scene)
    except StoryBroken as broken:
        scene.teller.broken(str(broken))
        return 1
    return 0


def _tell(scene: Scene) -> None:
    _open(scene)
    _import(scene)
    recording = _find(scene)
    _inspect(scene, recording)
    _replay_old(scene)
    run = _replay_fixed(scene)
    kept = _keep(scene, run)
    _test(scene, kept)
    _close(scene)


def _open(scene: Scene) -> None:
    scene.teller.title("Reenact: rerun the exact conversation that went wrong")
    scene.teller.say(
        "Northlight Bikes is a shop with an AI support agent. On Tuesday a customer asked it to "
        "look where a parcel was. It paid the money back instead. The agent has been changed "
        "since. Is the bug gone, in that very conversation? And will it stay gone? Let us see, "
        "without a network, a key or a model (the agent's model is a small script)."
    )
    scene.teller.say(
        "What the commands below do really happens; what they print is shortened here. To type "
        "along, in another terminal:"
    )
    scene.teller.command(f"cd {scene.folder} && export REENACT_HOME=home")
    if found := where_to_find("reenact"):
        scene.teller.command(f'export PATH="{found}:$PATH"')


def _import(scene: Scene) -> None:
    teller = scene.teller
    teller.step(
        "Capture",
        "The agent sends OpenTelemetry traces, as many agents do. Here are three days of them, "
        "as its exporter posted them.",
    )
    teller.command("reenact import capture")
    with Workspace(scene.settings) as workspace:
        report = import_paths(
            [scene.folder / "capture"],
            store=workspace.spans,
            replays_among=workspace.journal.replays_among,
        )
    talks = report.conversations.get(PROJECT, 0)
    teller.lines([f"{report.taken} spans taken, {talks} conversations in {PROJECT}"])
    claim(talks == len(TALKS), f"{talks} conversations were found, not {len(TALKS)}")
    claim(not report.rejected and not report.skipped, "a part of the capture was not read")
    teller.found("Traces became conversations. No new instrumentation was needed.")


def _find(scene: Scene) -> Recording:
    teller = scene.teller
    teller.step("Select", f"The customer complained, and the words “{WORDS}” were in it.")
    teller.command(f'reenact sessions --text "{WORDS}"')
    with Workspace(scene.settings) as workspace:
        found = workspace.spans.sessions(PROJECT, Filter(text=WORDS))
        claim([s.session_id for s in found] == [TUESDAY], f"the words do not find {TUESDAY}")
        recording = workspace.conversations.session(PROJECT, TUESDAY)
    started = f"{found[0].started_at:%A %d %B, %H:%M} UTC"
    teller.lines([f"{TUESDAY}  {started}  {', '.join(found[0].user_ids)}"])
    teller.command(f"reenact show {TUESDAY}")
    teller.lines(talk_lines(recording.conversation))
    calls = [call.name for call in recording.conversation.tool_calls]
    claim(calls == ["find_order", "check_status", "issue_refund"], f"it recorded {calls}")
    teller.found(f"There it is: issue_refund on turn {BUG_TURN}, where check_status was asked for.")
    return recording


def _inspect(scene: Scene, recording: Recording) -> None:
    teller = scene.teller
    teller.step("How good is the recording?", "A replay can be no better than what it replays.")
    teller.command(f"reenact inspect {TUESDAY}")
    fidelity = recording.fidelity
    gaps = [axis.name for axis in fidelity.axes if axis.status in ("partial", "missing")]
    teller.lines([f"{fidelity.score} of 100; missing or partial: {', '.join(gaps)}"])
    claim(gaps == ["tool_effects"], f"the gaps are {gaps}")
    teller.found(
        "All words, calls and results are there. Only which tools write is not in the traces: "
        "the agent's own code says that."
    )


def _replay_old(scene: Scene) -> None:
    teller = scene.teller
    teller.step(
        "Replay the agent as it was",
        "Does the bug show at all? The customer's recorded words go to the agent, one turn after "
        "the other. Its tools are answered from the recording: nobody is paid twice.",
    )
    call = _replayed(scene, scene.old, "").calls[0]
    teller.lines(comparison_lines(call))
    claim_statuses(call, ["same"] * 5)
    claim(calls_on(call, BUG_TURN) == ["issue_refund"], "the old agent did not refund")
    claim_untouched()
    teller.found(
        f"Reproduced, word for word: it calls issue_refund on turn {BUG_TURN} again. The shop's "
        "ledger of real payments is still empty."
    )


def _replay_fixed(scene: Scene) -> RunView:
    teller, report = scene.teller, scene.folder / REPORT
    teller.step("Replay the agent as it is now", "The same conversation, the changed agent.")
    run = _replayed(scene, scene.fixed, f" --html {REPORT}")
    call = run.calls[0]
    teller.lines(comparison_lines(call))
    claim_statuses(call, ["same", "same", "same", "tools_changed", "missing"])
    claim(calls_on(call, BUG_TURN) == ["check_status"], "the fixed agent did not look")
    parted = call.comparison.first_divergence
    if parted is None or parted.turn != BUG_TURN:
        raise StoryBroken(f"the talk does not part on turn {BUG_TURN}")
    claim_untouched()
    report.write_text(render(run), encoding="utf-8")
    teller.found(
        f"{parted.sentence}. The user policy `strict` stops there: what the customer said next "
        "was about a payment that is no longer made."
    )
    return run


def _keep(scene: Scene, run: RunView) -> Path:
    teller = scene.teller
    teller.step(
        "Keep",
        "The case becomes a regression test. What must hold is proposed from the difference "
        "between the recording and the replay. It is kept only if the recording fails it and "
        "the replay passes.",
    )
    row = run.calls[0].row
    teller.command(f"reenact keep {run.id}/{row} --name {NAME}")
    with Workspace(scene.settings) as workspace:
        found = workspace.records.run(run.id)
        kept = keep_row(workspace, found, row, folder=scene.folder / KEPT, name=NAME)
    teller.lines(escape(statement(wanted)) for wanted in kept.case.expectations)
    teller.lines([kept.proof.sentence])
    claim(kept.proof.holds, f"the case does not tell the bug from the fix: {kept.proof.problems}")
    if kept.path is None or not kept.path.is_file():
        raise StoryBroken("no file was kept")
    teller.found(
        f"Kept in {kept.path.relative_to(scene.folder)}, with its recording beside it: plain "
        "text, to be committed with the agent's code."
    )
    return kept.path


def _test(scene: Scene, kept: Path) -> None:
    teller = scene.teller
    teller.step("Test", "From now on this runs with every change. The old agent must be red:")
    _tested(scene, kept, scene.old, verdict="still_failing", exit_code=1)
    teller.found("Red: the test fails when the bug comes back. And the fixed agent:")
    _tested(scene, kept, scene.fixed, verdict="fixed", exit_code=0)
    claim_untouched()
    teller.found("Green. In all these replays the shop paid nothing: its ledger is empty.")


def _tested(scene: Scene, kept: Path, agent: str, *, verdict: str, exit_code: int) -> None:
    scene.teller.command(f"reenact test {KEPT} --agent {agent}; echo $?")
    tested = run_case(read_case(kept), target=agent, settings=scene.settings)
    scene.teller.lines(verdict_lines(tested.run))
    scene.teller.lines([str(tested.exit_code)])
    given = tested.verdict.verdict
    claim(given == verdict, f"the verdict on {agent} is {given}, not {verdict}")
    claim(tested.exit_code == exit_code, f"{agent} gave exit code {tested.exit_code}")


def _close(scene: Scene) -> None:
    teller, folder = scene.teller, scene.folder
    teller.title("What you have now")
    teller.lines(
        [
            f"{folder / REPORT}  the comparison, to open in a browser",
            f"{folder / KEPT}  the kept case",
            f"{folder}  all of the demo; delete it when you are done",
        ]
    )
    teller.title("With your own agent")
    teller.lines(
        [
            "reenact serve                    receive traces from your exporter, or",
            "reenact import FOLDER            read them from files",
            "reenact sessions --text WORDS    find the conversation",
            "reenact replay --session ID --agent your.module:function",
        ]
    )


def _replayed(scene: Scene, agent: str, more: str) -> RunView:
    command = f"reenact replay --session {TUESDAY} --agent {agent} --user-policy strict{more}"
    scene.teller.command(command)
    run = replay(
        agent, project=PROJECT, sessions=TUESDAY, user_policy="strict", settings=scene.settings
    )
    claim(run.summary.failed == 0 and run.summary.total == 1, "the replay did not run through")
    return run
