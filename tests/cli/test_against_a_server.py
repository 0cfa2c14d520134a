"""`--server URL`: what a command prints of a server's data is what it prints of the same here."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from cli.conftest import Ended
from reenact.cli.app import run
from support.processes import Server, serving

REFUND = "sess:chat-1184"
Both = Callable[..., tuple[Ended, Ended]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo's talks, and a run of one of them."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, as_file(files("reenact.demo") / "captured") as demo:
        patch.setenv("REENACT_HOME", str(folder))
        assert run(["import", str(demo), "--json"]) == 0
        replay = ["replay", "--agent", "reenact.demo.agents:old", "--session", REFUND, "--json"]
        assert run(replay) == 0
    return folder


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    agents = tmp_path_factory.mktemp("agents")
    (agents / "fixed.yaml").write_text("path: reenact.demo.agents:fixed\n")
    with serving(home, "--agents", str(agents)) as started:
        yield started


@pytest.fixture
def there(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """Runs a command against the server, with no data of its own."""

    def remote(*argv: str, key: str | None = None, url: str = server.url) -> Ended:
        with monkeypatch.context() as patch:
            patch.setenv("REENACT_HOME", str(tmp_path / "nothing"))
            patch.setenv("REENACT_SERVER", "")  # is put back, whatever the command sets
            if key is not None:
                patch.setenv("REENACT_API_KEY", key)
            capsys.readouterr()
            code = run(["--server", url, *argv])
            said = capsys.readouterr()
        assert not (tmp_path / "nothing").exists()
        return Ended(code, said.out, said.err)

    return remote


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """Runs a command on the stores that the server has."""

    def local(*argv: str) -> Ended:
        with monkeypatch.context() as patch:
            patch.setenv("REENACT_HOME", str(home))
            capsys.readouterr()
            code = run(argv)
            said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return local


@pytest.mark.parametrize(
    "command",
    [
        "projects",
        "projects --json",
        "sessions",
        "sessions --limit 2 --json",
        "sessions --text refund --tool issue_refund --no-error",
        "sessions --project nowhere",
        "traces --limit 3",
        "conversations",
        "conversations --kind session --json",
        f"show {REFUND}",
        "show chat-118",
        f"show {REFUND} --json",
        f"inspect {REFUND} --floor 100",
        "runs list",
        "runs list --json",
        "runs show latest",
        "runs show latest --json",
        "runs show nothing",
        "runs resume latest",
        "runs cancel latest",
        "scenarios list",
        "scenarios list --json",
        "scenarios show nothing",
        "agents",
        "agents --json",
        "forks list",
        "forks show nothing",
        "retention",
        f"delete {REFUND}",
    ],
)
def test_a_command_prints_the_same_of_a_server_as_of_the_store_itself(command, here, there) -> None:
    assert there(*command.split()) == here(*command.split())


def test_a_replay_by_an_agent_that_the_server_lists(here, there) -> None:
    ended = there("replay", "--agent", "fixed.yaml", "--session", REFUND)
    assert ended.code == 0, ended.err
    assert "1 of 1 talks completed" in ended.out
    shown = here("runs", "show", "latest")
    assert ended.out.splitlines() == shown.out.splitlines()
    assert there("runs", "show", "latest") == shown


def test_what_a_replay_would_take_is_estimated_and_leaves_nothing(here, there) -> None:
    chosen = ("--all", "--estimate")
    told = there("replay", "--agent", "fixed.yaml", *chosen)
    assert told.out == here("replay", "--agent", "reenact.demo.agents:fixed", *chosen).out


def test_a_function_that_the_server_does_not_list_is_never_run(there) -> None:
    ended = there("replay", "--agent", "reenact.demo.agents:old", "--all")
    assert ended.code == 2
    assert "only run by a server that lists it; the server lists fixed.yaml" in ended.err


def test_keeping_writes_the_same_files_here(here, there, tmp_path: Path) -> None:
    there("replay", "--agent", "fixed.yaml", "--session", REFUND)
    kept = [tmp_path / "there", tmp_path / "here"]
    for keep, folder in zip((there, here), kept, strict=True):
        assert keep("keep", "latest", "--to", str(folder)).code == 0
    names = {path.name for folder in kept for path in folder.iterdir()}
    assert len(names) == 2
    for name in names:
        assert (kept[0] / name).read_bytes() == (kept[1] / name).read_bytes()
    again = there("keep", "latest", "--to", str(kept[0]))
    assert (again.code, "kept already" in again.err) == (2, True)


def test_a_fork_runs_there_and_its_tree_is_printed(here, there) -> None:
    asked = ("fork", REFUND, "--at", "4", "--user", "Never mind.", "--agent", "fixed.yaml")
    ended = there(*asked, "--name", "never-mind")
    assert "never-mind  at turn 4: user says 'Never mind.'" in ended.out
    assert there("forks", "show", "never-mind") == here("forks", "show", "never-mind")
    assert there("forks", "list", "--json") == here("forks", "list", "--json")


def test_captures_are_sent_to_the_server(there, shared: Path) -> None:
    folder = shared / "data" / "otlp" / "oi_openai_rooted"
    sent = json.loads(there("import", str(folder), "--json").out)
    assert (sent["rejected"], sent["posts"] > 0) == (0, True)
    projects = json.loads(there("projects", "--json").out)["projects"]
    assert "shop" in {one["id"] for one in projects}


def test_what_a_server_does_not_take_is_said(there, tmp_path: Path) -> None:
    talks = tmp_path / "talks.jsonl"
    talks.write_text('{"messages": [{"role": "user", "content": "hi"}]}\n')
    ended = there("import", str(talks))
    assert (ended.code, "messages is read where the store is" in ended.err) == (2, True)


@pytest.mark.parametrize("verb", ["serve", "test", "demo", "keys", "fetch", "reindex"])
def test_a_verb_that_is_of_this_machine_says_so(verb: str, there) -> None:
    ended = there(verb)
    assert ended.code == 2
    assert f"reenact {verb} works on this machine alone" in ended.err


@pytest.mark.parametrize("verb", ["keys", "password", "reindex", "fetch", "tools"])
def test_a_verb_for_the_data_here_does_not_pass_for_one_of_the_server(
    verb: str, server: Server, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("REENACT_SERVER", server.url)
    assert run([verb]) == 2
    assert f"reenact {verb} would work on the data of this machine" in capsys.readouterr().err


def test_a_folder_that_is_named_goes_before_a_server_of_the_environment(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("REENACT_SERVER", "http://127.0.0.1:9")
    monkeypatch.setenv("REENACT_HOME", "/nowhere")
    assert run(["--home", str(home), "projects"]) == 0
    assert "northlight" in capsys.readouterr().out


def test_a_folder_and_a_server_are_not_both(there, tmp_path: Path) -> None:
    ended = there("--home", str(tmp_path), "projects")
    assert (ended.code, "not both" in ended.err) == (2, True)


def test_a_key_sees_its_own_project_and_no_other(here, there, tmp_path: Path) -> None:
    talks = tmp_path / "talks.jsonl"
    talks.write_text('{"messages": [{"role": "user", "content": "hi"}]}\n')
    key = here("keys", "make", "northlight", "--name", "ci", "--scope", "read").out.strip()
    shown = json.loads(there("projects", "--json", key=key).out)["projects"]
    assert [one["id"] for one in shown] == ["northlight"]
    here("import", str(talks), "--project", "shop")
    other = there("sessions", "--project", "shop", key=key)
    nowhere = there("sessions", "--project", "nowhere-at-all", key=key)
    assert other.err.replace("shop", "X") == nowhere.err.replace("nowhere-at-all", "X")
    refused = there("replay", "--agent", "fixed.yaml", "--session", REFUND, key=key)
    assert (refused.code, "lacks the scope run" in refused.err) == (2, True)


class Stranger(BaseHTTPRequestHandler):
    """Something else that speaks HTTP."""

    answer = (200, {"content-type": "application/json"}, b'{"hello": "world"}')

    def do_GET(self) -> None:
        status, headers, body = self.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {}, b'{"hello": "world"}'), "this is no Reenact server"),
        ((200, {}, b"<html>"), "this is no Reenact server"),
        ((404, {}, b"not here"), "this is no Reenact server"),
        ((302, {"location": "http://127.0.0.1:9/"}, b""), "is redirected"),
        ((502, {}, b"bad gateway"), "status 502"),
        (
            (404, {}, b'{"type": "about:blank", "detail": "no such route"}'),
            "it is older than this client",
        ),
    ],
)
def test_a_server_that_is_none_of_ours_is_told_from_one_that_fails(answer, said, there) -> None:
    handler = type("Answering", (Stranger,), {"answer": answer})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        ended = there("projects", url=f"http://127.0.0.1:{stranger.server_port}")
        stranger.shutdown()
    assert ended.code == 5
    assert said in ended.err


def test_a_server_that_is_not_there(there) -> None:
    ended = there("projects", url="http://127.0.0.1:9")
    assert (ended.code, "is `reenact serve` running there?" in ended.err) == (5, True)


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://a:b@127.0.0.1", "http://x:99999"])
def test_an_address_that_is_none(url: str, there) -> None:
    ended = there("projects", url=url)
    assert (ended.code, "--server" in ended.err) == (2, True)
