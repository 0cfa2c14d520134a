"""`reenact keep` of a run on a server: proven there, written here unless the server writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reenact import codec
from reenact.cli.desk import connected, run_id_of, server
from reenact.cli.keep import NOT_KEPT, say_kept, say_not_kept, say_proof
from reenact.domain.expectation import Expectation
from reenact.errors import UsageError
from reenact.keep.file import read_case
from reenact.remote.reading import RemoteDesk


def keep_there(run: str, row: str | None, wanted: Mapping[str, Any], *, to: Path) -> int:
    """Keep a row; return the exit code.

    Raises:
        UsageError: where a file of that name is there already.
    """
    with connected(server() or "") as there:
        asked = {"run_id": run_id_of(RemoteDesk(there).made, run), "row_id": row, **wanted}
        asked = {name: value for name, value in asked.items() if value is not None}
        proposal = there.send("POST", "/keeps/proposals", asked)
        if wanted["update"] and proposal["folder"] is None:
            raise UsageError(
                "a server without a folder for cases cannot change one",
                where="--update",
                next_step="start it with --cases FOLDER, or keep the case under a new name",
            )
        proof = there.send("POST", "/keeps/proof", asked)
        expectations = codec.from_data(
            list[Expectation], proposal["expectations"], where="the server's answer"
        )
        told = {name: proof[name] for name in ("holds", "sentence", "problems")}
        say_proof(expectations, **told)
        if not proof["holds"] and not wanted["force"]:
            say_not_kept(updated=False)
            return NOT_KEPT
        kept = there.send("POST", "/keeps", asked)
    if kept["path"] is not None:
        say_kept(f"{kept['path']} (on the server)", names_agent=True)
        return 0
    path = _written(to, kept)
    say_kept(str(path), names_agent=read_case(path).agent is not None)
    return 0


def _written(to: Path, kept: Mapping[str, Any]) -> Path:
    """Write the two files that the server gave; their names are no paths."""
    files = {
        kept["proof"]["file_name"]: kept["proof"]["file"],
        kept["recording_name"]: kept["recording"],
    }
    to.mkdir(parents=True, exist_ok=True)
    for name in files:
        if name != Path(name).name or name.startswith("."):
            raise UsageError(f"the server names a file {name[:80]!r}")
    case: Path = to / kept["proof"]["file_name"]
    if case.exists():
        raise UsageError(
            "a case of that name is kept already",
            where=str(case),
            next_step="keep it under another --name",
        )
    for name, text in reversed(files.items()):  # the case last: it names the recording
        (to / name).write_text(text, encoding="utf-8")
    return case
