"""Kept files: `<name>.reenact.yaml` and, beside it, `<name>.recording.json`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from reenact import codec
from reenact.domain.expectation import Expectation
from reenact.domain.recording import Recording
from reenact.domain.turn import turns_of
from reenact.errors import KeptFileError, PersonalDataFound, UsageError
from reenact.keep.case import KeptCase
from reenact.keep.statements import case_from, data_of
from reenact.keep.yaml_text import parse, refuse
from reenact.keep.yaml_writing import new_text, updated_text
from reenact.redact.find import Finding, findings, findings_in

SUFFIX = ".reenact.yaml"
RECORDING_SUFFIX = ".recording.json"
MAX_CASE_BYTES = 2**20
MAX_RECORDING_BYTES = 2**26

_AGAIN = "restore the file from version control, or keep the case again"


def read_case(path: Path) -> KeptCase:
    """Return the case that the file at `path` keeps; its recording is checked too.

    Raises:
        KeptFileError: naming file and line, what is wrong and what is allowed.
        RecordingTampered: when the recording's content does not give its hash.
    """
    where = str(path)
    root = _root(path)
    case = replace(case_from(root, where=where), path=path)
    hash_line = root.value["recording"].value["hash"].line
    recording = _recording(case, where=f"{where}:{hash_line}")
    _check_turns(case, recording, where=where)
    return case


def read_statements(path: Path) -> KeptCase:
    """Return what the file at `path` says, its recording unread; raises KeptFileError."""
    return replace(case_from(_root(path), where=str(path)), path=path)


def read_recording(case: KeptCase) -> Recording:
    """Return the recording that lies beside the file of `case`; raises as `read_case`."""
    return _recording(case, where=str(case.path or case.name))


def write_case(
    case: KeptCase,
    folder: Path,
    *,
    recording: Recording,
    allow_personal_data: bool = False,
    update: bool = False,
) -> Path:
    """Write `case` and its recording into `folder`; return the kept file's path.

    With `update` a file of that name is changed in place: comments that people wrote stay, and
    only what differs is touched.

    Raises:
        PersonalDataFound: when there is some and `allow_personal_data` does not let it pass.
        KeptFileError: when the file is there and `update` was not asked for; when the case does
            not say what a kept file can say, or `recording` is not its recording.
    """
    path = folder / f"{case.name}{SUFFIX}"
    if path.exists() and not update:
        raise KeptFileError(
            "there is a kept file of this name already",
            where=str(path),
            next_step="choose another --name, or change this one with --update",
        )
    data = data_of(case, recording_file=f"{case.name}{RECORDING_SUFFIX}")
    _check_written(case, data, recording, where=str(path))
    if not allow_personal_data:
        refuse_personal_data(case, recording)
    text = updated_text(_text(path, MAX_CASE_BYTES), data) if path.exists() else new_text(data)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{case.name}{RECORDING_SUFFIX}", recording_text(recording))
    _write(path, text)
    return path


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A kept file that nobody has written yet."""

    name: str
    text: str


def new_file(case: KeptCase) -> CaseFile:
    """Return the kept file of `case`, as it is written where there is none of its name."""
    data = data_of(case, recording_file=f"{case.name}{RECORDING_SUFFIX}")
    return CaseFile(name=f"{case.name}{SUFFIX}", text=new_text(data))


def recording_file(case: KeptCase, recording: Recording) -> CaseFile:
    """Return the file of the recording that lies beside the kept file."""
    return CaseFile(name=f"{case.name}{RECORDING_SUFFIX}", text=recording_text(recording))


def refuse_personal_data(case: KeptCase, recording: Recording) -> None:
    """Raise PersonalDataFound where the files of `case` would hold some, or a secret."""
    if found := personal_data_in(case, recording):
        raise PersonalDataFound([str(finding) for finding in found])


def personal_data_in(case: KeptCase, recording: Recording) -> tuple[Finding, ...]:
    """Return the secrets and personal data that the files of `case` would hold."""
    said = data_of(case, recording_file="")
    return (*findings_in(said, where="the case"), *findings(recording.conversation))


def recording_text(recording: Recording) -> str:
    """Return `recording` as JSON for people: indented, in a fixed order, defaults left out."""
    return json.dumps(_without_defaults(recording), indent=2, ensure_ascii=False) + "\n"


def cases_in(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the kept files that `paths` name or hold, sorted within each, none twice.

    Raises:
        UsageError: when a path is not there, or is a file of another kind.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            within = sorted(file for file in path.rglob(f"*{SUFFIX}") if _is_open(file, path))
        elif path.is_file() and path.name.endswith(SUFFIX):
            within = [path]
        else:
            what = "not a kept file" if path.exists() else "no such file or folder"
            raise UsageError(what, where=str(path), next_step=f"name files *{SUFFIX}, or folders")
        for file in within:
            found.setdefault(file.resolve(), file)
    return tuple(found.values())


def _root(path: Path) -> Any:
    return parse(_text(path, MAX_CASE_BYTES), where=str(path))


def _recording(case: KeptCase, *, where: str) -> Recording:
    name = case.recording_file or f"{case.name}{RECORDING_SUFFIX}"
    if Path(name).name != name or name in (".", ".."):
        raise KeptFileError(
            f"the recording {name[:100]!r} must lie beside the kept file",
            where=where,
            next_step="write the bare file name",
        )
    path = (case.path.parent if case.path else Path()) / name
    if not path.is_file():
        raise KeptFileError(f"the recording {name} is missing", where=where, next_step=_AGAIN)
    try:
        read = codec.from_json(Recording, _text(path, MAX_RECORDING_BYTES), where=str(path))
    except UsageError as error:
        raise KeptFileError(error.what, where=str(path), next_step=_AGAIN) from None
    recording = codec.verified(read, where=str(path))
    if recording.hash != case.recording_hash:
        raise KeptFileError(
            f"the hash is {case.recording_hash[:19]}… but {name} is {recording.hash[:19]}…",
            where=where,
            next_step=_AGAIN,
        )
    return recording


def _check_turns(case: KeptCase, recording: Recording, *, where: str) -> None:
    known = [turn.index for turn in turns_of(recording.conversation) if turn.index > 0]
    named = [("turn", case.turn), *((f"expectation {i}: turn", e.turn) for i, e in _numbered(case))]
    for what, turn in named:
        if turn is not None and turn not in known:
            has = f"it has turns 1 to {known[-1]}" if known else "it has none"
            refuse(where, None, f"{what} {turn} is not in the recording", has)
        if None not in (turn, case.turn) and turn != case.turn:
            refuse(where, None, f"{what} {turn} is not run: only turn {case.turn} is")


def _numbered(case: KeptCase) -> Iterable[tuple[int, Expectation]]:
    return enumerate(case.expectations, start=1)


def _check_written(
    case: KeptCase, data: Mapping[str, Any], recording: Recording, *, where: str
) -> None:
    """Make sure that what is written can be read: the same checks, before anything is lost."""
    codec.verified(recording, where=f"recording of {case.name}")
    if recording.hash != case.recording_hash:
        raise KeptFileError("this is another recording than the case names", where=where)
    again = case_from(parse(new_text(data), where=where), where=where)
    if again != case:
        raise KeptFileError(
            "the case holds what a kept file cannot say",
            where=where,
            next_step="use JSON values, and of an expectation only what its kind has",
        )
    _check_turns(case, recording, where=where)


def _text(path: Path, most: int) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise KeptFileError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(raw) > most:
        raise KeptFileError(f"larger than {most >> 20} MB", where=str(path))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        refuse(str(path), line, "not UTF-8", "save the file as UTF-8")


def _write(path: Path, text: str) -> None:
    """Write all of `text` or nothing: a killed process leaves the old file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _without_defaults(value: Any) -> Any:
    if is_dataclass(value):
        held = ((entry, getattr(value, entry.name)) for entry in fields(value))
        return {
            entry.name: _without_defaults(inner)
            for entry, inner in held
            if entry.name == "kind" or not _is_default(entry, inner)
        }
    if isinstance(value, (list, tuple)):
        return [_without_defaults(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(key): _without_defaults(inner) for key, inner in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value


def _is_default(entry: Field[Any], value: Any) -> bool:
    if entry.default_factory is not MISSING:
        return bool(value == entry.default_factory())
    return type(value) is type(entry.default) and bool(value == entry.default)


def _is_open(file: Path, root: Path) -> bool:
    """Tell a file that lies in no hidden or foreign folder below `root`."""
    inner = file.relative_to(root).parts[:-1]
    return not any(part.startswith(".") or part == "node_modules" for part in inner)
