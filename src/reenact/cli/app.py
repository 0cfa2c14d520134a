"""The app: which verbs there are, and how a command that cannot go on ends.

Verbs are named by import path. `reenact --help` therefore loads none of them, nor what they
need (pydantic, SQLAlchemy, FastAPI, aiohttp).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter

from reenact import __version__
from reenact.errors import ReenactError, UsageError

INTERRUPTED = 130
PIPE_CLOSED = 141
"""What a shell reports for a command that Ctrl-C, or a closed pipe, has stopped."""

_HELP = """\
Rerun the exact production conversation that went wrong against the changed agent.

Start with: reenact demo, or: reenact import FOLDER --project NAME"""

_VERBS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Capture": (
        ("import", "reenact.cli.importing:import_paths", "Take in captures from files."),
        ("fetch", "reenact.cli.fetching:fetch", "Fetch traces from another tool's API."),
        ("serve", "reenact.cli.serve:serve", "Receive OpenTelemetry traces from a live agent."),
        ("retention", "reenact.cli.retention:app", "Say what is kept of a project."),
        ("delete", "reenact.cli.deleting:delete", "Remove conversations for good."),
        ("reindex", "reenact.cli.reindex:reindex", "Read stored spans again."),
    ),
    "Select and look": (
        ("projects", "reenact.cli.listing:projects", "List the projects."),
        ("sessions", "reenact.cli.listing:sessions", "Find sessions by time, words, tool, user."),
        ("traces", "reenact.cli.listing:traces", "Find single traces in the same way."),
        ("conversations", "reenact.cli.conversations:conversations", "Print whole conversations."),
        ("show", "reenact.cli.show:show", "Read one conversation, turn by turn."),
        ("inspect", "reenact.cli.inspecting:inspect", "See how complete a recording is."),
    ),
    "Replay and compare": (
        ("replay", "reenact.cli.replay:replay", "Rerun recorded conversations; compare."),
        ("run", "reenact.cli.running:run", "Start a program with its tools intercepted."),
        ("runs", "reenact.cli.runs:app", "List runs, show one, go on with one."),
        ("fork", "reenact.cli.fork:fork", "Change something in a talk, live from there."),
        ("forks", "reenact.cli.fork:forks", "List forks, show a talk's tree of them."),
        ("tools", "reenact.cli.tools:app", "Serve one recording's tools, without a run."),
        ("scenarios", "reenact.cli.definitions:scenarios", "List scenarios; show rows and graph."),
        ("agents", "reenact.cli.definitions:agents", "List agents with their versions."),
        ("model", "reenact.cli.model:model", "Ask the language model of the settings, as a test."),
    ),
    "Keep": (
        ("keep", "reenact.cli.keep:keep", "Keep a replayed case as a regression test."),
        ("test", "reenact.cli.testing:run_kept", "Run the kept cases."),
        ("demo", "reenact.cli.demo:demo", "See the whole way on a shipped example, offline."),
    ),
    "People and keys": (
        ("password", "reenact.cli.password:app", "Set the password of the server's pages."),
        ("keys", "reenact.cli.keys:app", "Make, list and revoke API keys."),
    ),
}
_HERE_ONLY = {
    "fetch": "it writes into the store itself",
    "serve": "it is the server",
    "reindex": "it reads the whole store again",
    "run": "it starts a program here",
    "tools": "it serves tools from here",
    "model": "it asks the model of the settings here",
    "test": "it runs kept files of a folder here",
    "demo": "it brings its own data",
    "password": "it is set where the server is",
    "keys": "they are made where the server is, or on its page Settings",
}
_OF_THE_STORE = ("fetch", "reindex", "tools", "password", "keys")
"""Those of them that could be taken for work on the server's data."""
_EVERYWHERE = Group("Everywhere", sort_key=len(_VERBS))
_HIDDEN = (("schema", "reenact.cli.schema:schema", "Print the JSON schema of an output."),)


def build_app(*, verb: str | None = None) -> App:
    """Return the app with all verbs, in the order in which they are used.

    The texts here are for the list of verbs; the `verb` that is run speaks for itself.
    """
    app = App(
        name="reenact",
        help=_HELP,
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
        version=f"reenact {__version__}",
        help_flags=["--help", "-h"],
        default_parameter=Parameter(negative=()),
    )
    for flag in ("--help", "--version"):
        app[flag].group = _EVERYWHERE
    for place, (title, verbs) in enumerate(_VERBS.items()):
        group = Group(title, sort_key=place)
        for order, (name, path, text) in enumerate(verbs):
            app.command(
                path, name=name, help=None if name == verb else text, group=group, sort_key=order
            )
    for name, path, text in _HIDDEN:
        app.command(path, name=name, help=text, show=False)
    app.meta.suppress_keyboard_interrupt = False
    app.meta.default(_launcher(app))
    return app


def run(argv: Sequence[str]) -> int:
    """Run one command line; return its exit code. Errors meant for people go to stderr."""
    verb = _verb_of(argv)
    app = build_app(verb=verb)
    try:
        result = app.meta(
            list(argv), exit_on_error=False, print_error=False, result_action="return_value"
        )
        sys.stdout.flush()
    except ReenactError as error:
        return _failed(error.render(), error.exit_code)
    except CycloptsError as error:
        return _failed(_misused(error, verb), 2)
    except KeyboardInterrupt:
        return _failed("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return _pipe_closed()
    return result if isinstance(result, int) else 0


def _launcher(app: App) -> Callable[..., object]:
    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        home: Annotated[Path | None, Parameter(group=_EVERYWHERE)] = None,
        server: Annotated[str | None, Parameter(group=_EVERYWHERE)] = None,
    ) -> object:
        """Set what holds for every verb, then run it.

        Args:
            tokens: The verb and what follows it.
            home: The folder where Reenact keeps its data (REENACT_HOME, else ~/.reenact).
            server: Work against this server's data (REENACT_SERVER); its key: REENACT_API_KEY.
        """
        # Settings are read from the environment, in whatever process needs them.
        if home is not None:
            if server is not None:
                raise UsageError(
                    "data is in a folder here or on a server, not both", where="--home, --server"
                )
            os.environ["REENACT_HOME"] = str(home.expanduser().absolute())
            os.environ.pop("REENACT_SERVER", None)
        _check_place(tokens[0] if tokens else "", flagged=server is not None)
        if server is not None:
            os.environ["REENACT_SERVER"] = server
        return app(tokens, exit_on_error=False, print_error=False, result_action="return_value")

    return launch


def _check_place(verb: str, *, flagged: bool) -> None:
    """Raise UsageError where a verb cannot work against the server that is named."""
    if flagged and verb in _HERE_ONLY:
        raise UsageError(
            f"reenact {verb} works on this machine alone: {_HERE_ONLY[verb]}",
            where="--server",
            next_step=f"leave it out, or run reenact {verb} where the server is",
        )
    if os.environ.get("REENACT_SERVER") and verb in _OF_THE_STORE:
        raise UsageError(
            f"reenact {verb} would work on the data of this machine, not on the server's",
            where="REENACT_SERVER",
            next_step="name the data with --home FOLDER, or run it where the server is",
        )


def _failed(text: str, code: int) -> int:
    from reenact.cli.console import notes

    notes().print("error:", style="bold red", end=" ")
    notes().print(text, markup=False)
    return code


def _verbs() -> list[str]:
    return [name for verbs in _VERBS.values() for name, _, _ in verbs]


def _verb_of(argv: Sequence[str]) -> str | None:
    known = set(_verbs())
    return next((word for word in argv if word in known), None)


def _misused(error: CycloptsError, verb: str | None) -> str:
    if verb is not None:
        return f"{error}\n  -> reenact {verb} --help"
    # The library's own words would load every verb, to look for similar names in all of them.
    word = next(iter(error.unused_tokens or ()), "")
    near = get_close_matches(word, _verbs(), n=1)
    hint = f"did you mean reenact {near[0]}?" if near else "reenact --help lists the verbs"
    return f"there is no verb {word!r}\n  -> {hint}"


def _pipe_closed() -> int:
    """Let the interpreter flush into nothing at its end: the reader has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
