from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from aiohttp import web

from reenact.agents.callable import CallableAgent
from reenact.agents.http import HttpAgent
from reenact.agents.port import Agent
from reenact.agents.targets import connect, describe_target, parse_target
from reenact.domain.agent import AgentTarget, CallableTarget, HttpTarget
from reenact.errors import AgentNotLoaded, UsageError
from support.http_agent import question, serving


def connected(target: AgentTarget, **environ: str) -> Agent:
    return connect(target, environ=environ, turn_timeout_s=5, connect_retries=0)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("support.agent:answer", CallableTarget(path="support.agent:answer")),
        ("agent:Desk.answer", CallableTarget(path="agent:Desk.answer")),
        ("./old/agent.py:answer", CallableTarget(path="./old/agent.py:answer")),
        ("http://127.0.0.1:8000/chat", HttpTarget(url="http://127.0.0.1:8000/chat")),
        ("https://h/agent.json", HttpTarget(url="https://h/agent.json")),
        ("openai:http://h/v1", HttpTarget(url="http://h/v1", template="openai")),
    ],
)
def test_words_name_a_target(text: str, target: AgentTarget) -> None:
    assert parse_target(text) == target


def test_options_become_part_of_the_target() -> None:
    target = parse_target(
        "openai:http://h/v1", model="m", tools="returned", stream="sse", headers={"A": "${B}"}
    )
    assert target == HttpTarget(
        url="http://h/v1",
        template="openai",
        model="m",
        tools="returned",
        stream="sse",
        headers={"A": "${B}"},
    )
    assert parse_target("a:b", tools="own", stateless=False) == CallableTarget(
        path="a:b", tools="own", stateless=False
    )


def test_a_function_has_no_model() -> None:
    with pytest.raises(UsageError, match="a Python function has no model"):
        parse_target("a:b", model="gpt-5-mini")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("localhost:8000/chat", "write http:// before it"),
        ("127.0.0.1:8000", "write http:// before it"),
        ("support.agent", "use module:function"),
        ("", "use module:function"),
        ("a:b c", "use module:function"),
        ("http://", "write it as http://host:port/path"),
        ("http://h:99999/x", "write it as http://host:port/path"),
        ("openai:h/v1", "write it as http://host:port/path"),
        ("ftp://h/x", "use module:function"),
        ("http://ana:hunter22@h/x", "Authorization: Basic ${NAME_OF_A_VARIABLE}"),
        ("no_such_agent.yaml", "check the path"),
    ],
)
def test_words_that_name_no_agent_are_refused_with_the_next_step(text: str, part: str) -> None:
    with pytest.raises(AgentNotLoaded) as error:
        parse_target(text)
    assert part in str(error.value)
    assert "hunter22" not in str(error.value)


def test_a_target_is_described_without_values() -> None:
    target = parse_target(
        "openai:https://h/v1?key=topsecret&v=2",
        model="gpt-5-mini",
        stream="sse",
        headers={"X-Key": "abcdef", "Authorization": "Bearer ${T}"},
    )
    assert describe_target(target) == (
        "POST https://h/v1?key=…&v=… "
        "(openai, model gpt-5-mini, stream sse, tools own, headers Authorization X-Key)"
    )
    assert describe_target(parse_target("a.b:c")) == "python a.b:c (tools intercepted)"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def answer_of(agent: Agent) -> str | None:
    return asyncio.run(agent.reply(question("hi"))).text


def test_an_agent_file_names_an_endpoint(folder: Path) -> None:
    file = write(
        folder / "agents" / "shop.yaml",
        "# the shop's agent\n"
        "url: http://127.0.0.1:8000/chat\n"
        "headers: {Authorization: 'Bearer ${SHOP_TOKEN}'}\n"
        "request:\n  q: '{{message}}'\n"
        "response: {text: a.b}\n"
        "stream: sse\n"
        "tools: returned\n",
    )
    expected = HttpTarget(
        url="http://127.0.0.1:8000/chat",
        headers={"Authorization": "Bearer ${SHOP_TOKEN}"},
        request={"q": "{{message}}"},
        response={"text": "a.b"},
        stream="sse",
        tools="returned",
    )
    assert parse_target(str(file)) == expected
    assert parse_target("agents/shop.yaml", tools="own").tools == "own"
    as_json = write(folder / "shop.json", json.dumps({"url": "http://h", "template": "openai"}))
    assert parse_target(str(as_json)) == HttpTarget(url="http://h", template="openai")


def test_a_source_file_is_found_from_the_folder_of_the_agent_file(folder: Path) -> None:
    write(folder / "agents" / "words_of_old.py", "WORDS = 'old'\n")
    source = "from words_of_old import WORDS\ndef answer(messages, message):\n    return WORDS\n"
    write(folder / "agents" / "desk.py", source)
    file = write(folder / "agents" / "desk.yaml", "path: ./desk.py:answer\nstateless: false\n")
    target = parse_target(str(file))
    assert isinstance(target, CallableTarget)
    assert (Path(target.path), target.stateless) == (folder / "agents" / "desk.py:answer", False)
    agent = connected(target)
    assert isinstance(agent, CallableAgent)
    assert answer_of(agent) == "old"
    module = write(folder / "module.yaml", "path: some.module:answer\ntools: own\n")
    assert parse_target(str(module)) == CallableTarget(path="some.module:answer", tools="own")


def test_two_source_files_of_one_name_are_two_agents(folder: Path) -> None:
    for name in ("before", "after"):
        write(folder / name / "twin_desk.py", f"def answer(m, x):\n    return {name!r}\n")
    for name in ("before", "after", "before"):
        target = parse_target(f"{name}/twin_desk.py:answer")
        assert answer_of(connected(target)) == name


def test_a_source_file_is_imported_once(folder: Path) -> None:
    write(
        folder / "counted_desk.py",
        "seen = []\ndef answer(m, x):\n    seen.append(x)\n    return str(len(seen))\n",
    )
    target = parse_target("counted_desk.py:answer")
    assert [answer_of(connected(target)) for _ in range(2)] == ["1", "2"]


@pytest.mark.parametrize(
    ("source", "path", "part"),
    [
        (None, "missing_desk.py:answer", "no such file"),
        ("1 / 0", "zero_desk.py:answer", "ZeroDivisionError: division by zero"),
        ("def go(:", "odd_desk.py:answer", "SyntaxError"),
        ("def stay(): ...", "stay_desk.py:answer", "it has: stay"),
    ],
)
def test_a_source_file_that_does_not_give_the_function_says_why(
    folder: Path, source: str | None, path: str, part: str
) -> None:
    if source is not None:
        write(folder / path.partition(":")[0], source)
    with pytest.raises(AgentNotLoaded) as error:
        connected(parse_target(path))
    assert part in str(error.value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["an agent file holds keys and values"]),
        ("- url\n", ["an agent file holds keys and values"]),
        ("model: x\n", ["no url, path or command"]),
        ("kind: grpc\nurl: http://h\n", ["unknown kind 'grpc'"]),
        ("url: http://h\nheader: {A: b}\n", ["unknown key 'header'", "did you mean headers?"]),
        ("path: a:b\nmodel: x\n", ["unknown key 'model'"]),
        ("url: http://h\nstream: websocket\n", ["stream: Input should be 'none', 'sse'"]),
        ("url: http://h\nstateless: perhaps\n", ["stateless: Input should be a valid boolean"]),
        ("url: 4\n", ["url: Input should be a valid string"]),
        ("url: not-an-address\n", ["url: not an address that can be asked"]),
        ("url: http://h\nurl: http://i\n", ["line 2", "duplicate key"]),
        ("url: [http://h\n", ["not readable as yaml: line"]),
        ("url: http://h\nrequest:\n  q: {{message}}\n", ["line 3", "a placeholder needs quotes"]),
        ("url: http://h\nx: \xff", ["not readable as yaml"]),
        ("url: !!python/object/apply:os.system ['true']\n", ["not readable as yaml"]),
        ("url: http://h # " + "x" * 2**20, ["larger than 1 MB"]),
    ],
)
def test_an_agent_file_that_says_it_wrongly_is_refused_naming_the_place(
    folder: Path, text: str, parts: list[str]
) -> None:
    (folder / "shop.yaml").write_bytes(text.encode("latin-1"))
    with pytest.raises(AgentNotLoaded) as error:
        parse_target("shop.yaml")
    for part in [*parts, "shop.yaml"]:
        assert part in str(error.value)


def test_connecting_finds_what_cannot_work_before_anything_is_sent() -> None:
    wrong = [
        HttpTarget(url="http://h", response={"txt": "a"}),
        HttpTarget(url="http://h", request={"a": "{{mesage}}"}),
        HttpTarget(url="http://h", headers={"A": "${NOT_SET_HERE}"}),
    ]
    for target, part in zip(wrong, ["did you mean text", "mesage", "NOT_SET_HERE"], strict=True):
        with pytest.raises(AgentNotLoaded, match=part):
            connected(target)


def test_connecting_over_http_fills_headers_from_the_given_environment() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"content": request.headers["X-Key"]})

    async def go() -> str | None:
        async with serving(handler) as url:
            agent = connected(parse_target(url, headers={"X-Key": "k-${KEY}"}), KEY="7")
            assert isinstance(agent, HttpAgent)
            reply = await agent.reply(question("hi"))
            await agent.aclose()
            return reply.text

    assert asyncio.run(go()) == "k-7"


def test_a_connected_function_knows_its_intercepted_tools(folder: Path) -> None:
    write(folder / "tool_desk.py", "def answer(m, x):\n    return x\n")
    agent = connect(
        parse_target("tool_desk:answer"),
        environ={},
        turn_timeout_s=5,
        connect_retries=0,
        intercepted=lambda: frozenset({"check_status"}),
    )
    assert agent.intercepted == {"check_status"}
