"""Agents that are programs: real ones, that answer, die, hang, babble and start others."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import reenact
from reenact.agents.command import CommandAgent
from reenact.agents.port import AgentFailed, AgentReply, AgentRequest, RequestedTool
from reenact.agents.targets import connect, describe_target, parse_target
from reenact.codec import from_json, to_json
from reenact.domain.agent import AgentTarget, CommandTarget
from reenact.domain.conversation import Usage
from reenact.errors import AgentNotLoaded, UsageError
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.http_agent import HISTORY, question
from support.stored import put
from support.talks import REFUND

ECHO = """
import json, os, sys
for number, line in enumerate(sys.stdin, 1):
    request = json.loads(line)
    print(json.dumps({"text": f"{number}: {request['message']}", "model": str(os.getpid())}))
"""
DESK = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    last = request["messages"][-1] if request["messages"] else {}
    if not request["message"] and last.get("role") == "tool":
        answer = {"text": f"It is {json.loads(last['content'])['status']}."}
    else:
        order = "A-1001" if "A-1001" in request["message"] else "A-1003"
        call = {"id": "c1", "name": "check_status", "arguments": {"order_id": order}}
        answer = {"tool_calls": [call]}
    print(json.dumps({**answer, "usage": {"input_tokens": 7, "output_tokens": 2}}))
"""


class Programs:
    """Writes programs, asks them, and keeps what they answered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def target(self, code: str, **more: Any) -> CommandTarget:
        (self.folder / "agent.py").write_text(code)
        return CommandTarget(command=(sys.executable, "agent.py"), folder=str(self.folder), **more)

    def ask(
        self,
        code: str,
        *requests: AgentRequest,
        timeout_s: float = 20.0,
        environ: dict[str, str] | None = None,
        **more: Any,
    ) -> list[AgentReply]:
        async def go() -> list[AgentReply]:
            agent = CommandAgent(
                self.target(code, **more),
                environ={**os.environ, **(environ or {})},
                timeout_s=timeout_s,
            )
            try:
                return [await agent.reply(request) for request in requests or (question("hi"),)]
            finally:
                await agent.aclose()

        return asyncio.run(go())


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path)


def test_a_request_is_a_line_and_the_answer_another(programs: Programs) -> None:
    (reply,) = programs.ask(
        "import sys, json\n"
        "line = sys.stdin.readline()\n"
        "print(json.dumps({'text': line, 'model': 'm', 'usage': {'input_tokens': 5}}))\n"
    )
    assert json.loads(reply.text or "") == {
        "id": "replay-1:3",
        "messages": HISTORY,
        "message": "hi",
        "session_id": "replay-1",
        "turn": 3,
        "headers": {},
    }
    assert reply.model == "m"
    assert reply.usage == Usage(input_tokens=5)
    assert reply.streamed is False


def test_a_talk_has_a_process_of_its_own(programs: Programs) -> None:
    ana, ben = question("ana", session_id="a"), question("ben", session_id="b")
    replies = programs.ask(ECHO, ana, ben, ana, stateless=False)
    assert [reply.text for reply in replies] == ["1: ana", "1: ben", "2: ana"]


def test_a_process_of_the_run_answers_one_talk_after_another(programs: Programs) -> None:
    ana, ben = question("ana", session_id="a"), question("ben", session_id="b")
    replies = programs.ask(ECHO, ana, ben, ana, lifetime="run")
    assert [reply.text for reply in replies] == ["1: ana", "2: ben", "3: ana"]


def test_talks_at_once_have_a_process_each_for_as_long_as_the_run(programs: Programs) -> None:
    async def go() -> set[str | None]:
        agent = CommandAgent(
            programs.target(ECHO, lifetime="run"), environ=os.environ, timeout_s=20
        )
        asked = [question(str(n), session_id=str(n)) for n in range(3)]
        first = await asyncio.gather(*map(agent.reply, asked))
        second = await asyncio.gather(*map(agent.reply, asked))
        await agent.aclose()
        return {reply.model for reply in (*first, *second)}

    assert len(asyncio.run(go())) == 3


def test_a_process_for_one_answer_may_read_all_of_its_stdin(programs: Programs) -> None:
    once = "import json, sys; print(json.dumps({'text': json.load(sys.stdin)['message']}), end='')"
    replies = programs.ask(once, question("one"), question("two"), lifetime="answer")
    assert [reply.text for reply in replies] == ["one", "two"]


def test_a_program_that_ends_after_an_answer_is_told_how_to_say_so(programs: Programs) -> None:
    once = "import json, sys; sys.stdin.readline(); print(json.dumps({'text': 'Bye.'}))"
    with pytest.raises(AgentFailed, match=r"exit code 0 .*lifetime: answer"):
        programs.ask(once, question("one"), question("two"))


def test_the_process_of_a_talk_that_has_ended_ends(programs: Programs) -> None:
    marked = ECHO + "open('ended', 'w').write('by itself')\n"

    async def go() -> list[str | None]:
        agent = CommandAgent(programs.target(marked), environ=os.environ, timeout_s=20)
        first = await agent.reply(question("one"))
        await agent.forget("replay-1")
        again = await agent.reply(question("two"))
        await agent.aclose()
        return [first.text, again.text]

    assert asyncio.run(go()) == ["1: one", "1: two"]
    assert (programs.folder / "ended").read_text() == "by itself"


def test_tool_calls_are_handed_back(programs: Programs) -> None:
    (reply,) = programs.ask(DESK, question("Where is A-1001?"))
    assert reply.text is None
    assert reply.tool_calls == (RequestedTool("check_status", {"order_id": "A-1001"}, "c1"),)


def test_parts_come_before_the_answer(programs: Programs) -> None:
    (reply,) = programs.ask(
        "import json\nfor part in ({'delta': 'On its '}, {'delta': 'way.'}, {'model': 'm'}):\n"
        "    print(json.dumps(part))\n"
    )
    assert (reply.text, reply.model, reply.streamed) == ("On its way.", "m", True)
    assert reply.time_to_first_token_ms is not None


BABBLE = "import sys, time; sys.stdin.readline(); "


@pytest.mark.parametrize(
    ("code", "kind", "part"),
    [
        (BABBLE + "raise SystemExit(3)", "exception", "ended with exit code 3 before it answered"),
        (BABBLE + "raise KeyError('order')", "exception", "stderr ended with: .*KeyError: 'order'"),
        (
            "import os, signal, sys; sys.stdin.readline(); os.kill(os.getpid(), signal.SIGSEGV)",
            "exception",
            "ended by signal 11",
        ),
        (
            BABBLE + "print('{\"text\": \"Hal', end='')",
            "nonsense",
            r'no JSON object: \{"text": "Hal',
        ),
        (BABBLE + "print('Loading weights ...')", "nonsense", "Loading weights .*on stderr"),
        (BABBLE + "print('[1]')", "nonsense", "no JSON object"),
        (BABBLE + "print('{}')", "nonsense", "no text in the answer"),
        (BABBLE + "print('{\"text\": 7}')", "nonsense", "a number, not text"),
        (BABBLE + 'print(\'{"id": "x", "text": "x"}\')', "nonsense", "another question"),
        (BABBLE + 'print(\'{"error": "no model"}\')', "exception", "reported an error: no model"),
        (BABBLE + "print('{\"delta\": 1}')", "nonsense", "a delta that is no text"),
        (BABBLE + "sys.stdout.write('x' * 11_000_000)", "nonsense", "longer than 10 MB"),
        (BABBLE + "import os; os.close(1); time.sleep(60)", "exception", "closed its stdout"),
        ("raise ImportError('no langgraph')", "exception", "ImportError: no langgraph"),
    ],
)
def test_an_answer_that_cannot_be_used_is_a_failure(
    code: str, kind: str, part: str, programs: Programs
) -> None:
    with pytest.raises(AgentFailed, match=part) as error:
        programs.ask(code)
    assert error.value.kind == kind
    assert "agent.py" in str(error.value)


def test_a_line_that_nobody_asked_for_is_no_answer(programs: Programs) -> None:
    twice = (
        "import json, sys\nfor line in sys.stdin:\n"
        "    said = [json.dumps({'text': text}) for text in ('Yes.', 'And no.')]\n"
        "    sys.stdout.write('\\n'.join(said) + '\\n')\n"
    )
    assert [reply.text for reply in programs.ask(twice)] == ["Yes."]
    with pytest.raises(AgentFailed, match=r"wrote a line unasked: .*And no"):
        programs.ask(twice, question("one"), question("two"))


def test_a_program_that_hangs_is_ended_with_all_that_it_started(programs: Programs) -> None:
    hangs = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('child', 'w').write(str(child.pid))\n"
        "print('waiting for the model', file=sys.stderr)\n"
        "time.sleep(600)\n"
    )
    with pytest.raises(AgentFailed, match="no answer within 3 s; stderr ended with: waiting"):
        programs.ask(hangs, timeout_s=3)
    _wait_for_the_end_of(int((programs.folder / "child").read_text()))


def test_nothing_runs_on_where_a_replay_is_stopped(programs: Programs) -> None:
    async def go() -> int:
        hangs = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"
        agent = CommandAgent(programs.target(hangs), environ=os.environ, timeout_s=60)
        asking = asyncio.create_task(agent.reply(question("hi")))
        pid = await asyncio.to_thread(_written, programs.folder / "pid")
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await agent.aclose()
        return int(pid)

    _wait_for_the_end_of(asyncio.run(go()))


def _written(file: Path) -> str:
    """Return what `file` holds, once it holds something."""
    while not (file.exists() and file.read_text()):
        time.sleep(0.01)
    return file.read_text()


def _wait_for_the_end_of(pid: int) -> None:
    """Return once the process is gone; a test that waits for ever is a failed one."""
    while _alive(pid):
        time.sleep(0.01)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_stderr_is_bounded_and_never_blocks(programs: Programs) -> None:
    loud = BABBLE + "sys.stderr.write('x' * 5_000_000 + 'the end'); raise SystemExit(1)"
    with pytest.raises(AgentFailed, match="the end") as error:
        programs.ask(loud)
    assert len(str(error.value)) < 700


@pytest.mark.parametrize(
    ("target", "part"),
    [
        (CommandTarget(command=("no-such-program",)), "cannot be started: No such file"),
        (CommandTarget(command=("/etc/passwd",)), "cannot be started: Permission denied"),
        (CommandTarget(command=("true",), folder="/no/such"), "no folder /no/such"),
        (CommandTarget(command=("tr\0ue",)), "cannot be started: .*null byte"),
    ],
)
def test_a_program_that_does_not_start_is_not_reachable(target: CommandTarget, part: str) -> None:
    async def go() -> None:
        await CommandAgent(target, environ=os.environ, timeout_s=5).reply(question("hi"))

    with pytest.raises(AgentFailed, match=part) as error:
        asyncio.run(go())
    assert error.value.kind == "unreachable"


def test_no_shell_reads_the_command(programs: Programs) -> None:
    (programs.folder / "agent.py").write_text(
        "import json, sys; sys.stdin.readline(); print(json.dumps({'text': str(sys.argv[1:])}))"
    )
    words = ("$HOME", "a b", "; touch made", "$(touch made)", "> made")
    target = CommandTarget(
        command=(sys.executable, "agent.py", *words), folder=str(programs.folder)
    )

    async def go() -> str | None:
        agent = CommandAgent(target, environ=os.environ, timeout_s=20)
        try:
            return (await agent.reply(question("hi"))).text
        finally:
            await agent.aclose()

    assert asyncio.run(go()) == str(list(words))
    assert not (programs.folder / "made").exists()


def test_its_environment_is_filled_in_and_shown_nowhere(programs: Programs) -> None:
    leaks = (
        "import json, os, sys\nsys.stdin.readline()\n"
        "sys.stderr.write(os.environ['TOKEN'])\nraise SystemExit(1)\n"
    )
    with pytest.raises(AgentFailed, match="stderr ended with: key •••") as error:
        programs.ask(
            leaks, environment={"TOKEN": "key ${SHOP_KEY}"}, environ={"SHOP_KEY": "hunter22"}
        )
    assert "hunter22" not in str(error.value)
    with pytest.raises(AgentNotLoaded, match=r"environment TOKEN: .*SHOP_KEY is not set"):
        programs.ask(leaks, environment={"TOKEN": "${SHOP_KEY}"})


def test_an_agent_that_keeps_the_talk_has_a_process_for_each_talk() -> None:
    target = CommandTarget(command=("agent",), stateless=False, lifetime="run")
    with pytest.raises(AgentNotLoaded, match="cannot have the lifetime 'run'"):
        CommandAgent(target, environ={}, timeout_s=1)


def test_words_name_a_program() -> None:
    target = parse_target("command:node 'my agent.js' --fast", tools="returned")
    assert target == CommandTarget(command=("node", "my agent.js", "--fast"), tools="returned")
    assert describe_target(target) == "command node 'my agent.js' --fast (tools returned)"
    assert from_json(AgentTarget, to_json(target), where="") == target  # type: ignore[type-abstract]
    for text, part in (("command:", "is empty"), ("command:node 'a", "close the quotes")):
        with pytest.raises(AgentNotLoaded, match=part):
            parse_target(text)
    with pytest.raises(UsageError, match="a program has no model"):
        parse_target("command:node agent.js", model="m")


@pytest.mark.parametrize("command", ["python agent.py", "[python, agent.py]"])
def test_a_program_of_an_agent_file_starts_in_its_folder(command: str, tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "agent.yaml").write_text(f"command: {command}\nlifetime: run\n")
    target = parse_target(str(tmp_path / "desk" / "agent.yaml"))
    assert target == CommandTarget(
        command=("python", "agent.py"), folder=str(tmp_path / "desk"), lifetime="run"
    )
    assert isinstance(
        connect(target, environ={}, turn_timeout_s=1, connect_retries=0), CommandAgent
    )


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("command: 'python \"agent.py'\n", "command: No closing quotation"),
        ("command: []\n", "the command is empty"),
        ("command: [1]\n", "command.0: "),
        ("command: a\nlifetime: week\n", "lifetime: "),
        ("command: a\nstdin: x\n", "unknown key 'stdin'"),
    ],
)
def test_an_agent_file_that_names_no_program_is_refused(
    text: str, part: str, tmp_path: Path
) -> None:
    (tmp_path / "agent.yaml").write_text(text)

    def connected() -> None:
        target = parse_target(str(tmp_path / "agent.yaml"))
        connect(target, environ={}, turn_timeout_s=1, connect_retries=0)

    with pytest.raises(AgentNotLoaded, match=part):
        connected()


def replayed(folder: Path, code: str, **agent: Any) -> list[str | None]:
    """Return what the program answers to the refund story."""
    settings = Settings(
        home=folder,
        spans_url=f"sqlite:///{folder / 'spans.db'}",
        database_url=f"sqlite:///{folder / 'reenact.db'}",
        blobs_url=(folder / "blobs").as_uri(),
    )
    with Workspace(settings) as workspace:
        put(workspace, REFUND)
    (folder / "agent.py").write_text(code)
    (folder / "agent.json").write_text(
        json.dumps({"command": [sys.executable, "agent.py"], **agent})
    )
    run = reenact.replay(
        str(folder / "agent.json"), project="shop", sessions="s1", settings=settings
    )
    return [turn.assistant for turn in run.calls[0].turns]


ANSWERS = ["It is shipped.", "It is in transit.", "It is in transit."]


@pytest.mark.parametrize("lifetime", ["answer", "talk", "run"])
def test_a_talk_is_replayed_with_its_recorded_tools(lifetime: str, tmp_path: Path) -> None:
    assert replayed(tmp_path, DESK, tools="returned", lifetime=lifetime) == ANSWERS


def test_a_program_is_told_where_its_tools_are_served(tmp_path: Path) -> None:
    asks_there = """
import json, sys, urllib.request
for line in sys.stdin:
    request = json.loads(line)
    order = "A-1001" if "A-1001" in request["message"] else "A-1003"
    call = urllib.request.Request(
        request["tools_url"] + "/check_status",
        json.dumps({"order_id": order}).encode(),
        {"content-type": "application/json", **request["headers"]},
    )
    answer = json.load(urllib.request.urlopen(call))
    print(json.dumps({"text": f"It is {answer['result']['status']}."}))
"""
    assert replayed(tmp_path, asks_there, tools="served") == ANSWERS
