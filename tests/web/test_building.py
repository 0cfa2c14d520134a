"""The build of the pages into the package: when it is due, and what is said where it fails."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).parents[2]


def _hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pages", PROJECT / "build_hooks" / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOOK = _hook()


@pytest.fixture
def web(tmp_path: Path) -> Path:
    web = tmp_path / "web"
    (web / "src").mkdir(parents=True)
    for name in (*HOOK._SOURCES, "src/main.tsx"):
        place = web / name
        if "." in place.name:
            place.write_text("{}")
    return web


def _built(root: Path, digest: str) -> None:
    static = root / HOOK.STATIC
    static.mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html>")
    (static / "digest.txt").write_text(digest)


def test_pages_that_fit_their_sources_are_not_built_again(web: Path) -> None:
    _built(web.parent, HOOK.digest_of(web))
    assert HOOK.build_pages(web.parent, say=pytest.fail) is False


def test_pages_without_their_front_are_none(web: Path) -> None:
    digest = HOOK.digest_of(web)
    _built(web.parent, digest)
    static = web.parent / HOOK.STATIC
    assert HOOK.is_built(static, digest)
    (static / "index.html").unlink()
    assert not HOOK.is_built(static, digest)


def test_the_digest_tells_changed_sources_and_locks_but_not_tests_or_notes(web: Path) -> None:
    before = HOOK.digest_of(web)
    (web / "src" / "main.test.tsx").write_text("a test")
    (web / "README.md").write_text("a note")
    (web / "node_modules").mkdir()
    (web / "node_modules" / "a.js").write_text("a package")
    assert HOOK.digest_of(web) == before
    for changed in ("src/main.tsx", "package-lock.json", "plugins/packed.ts"):
        (web / changed).parent.mkdir(exist_ok=True)
        (web / changed).write_text("changed")
        assert HOOK.digest_of(web) != before
        before = HOOK.digest_of(web)


def test_a_folder_without_the_sources_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(HOOK.PagesFailed, match="Fetch the whole project"):
        HOOK.build_pages(tmp_path)


def test_packages_are_installed_only_where_the_lock_lists_others(tmp_path: Path) -> None:
    lock = {
        "": {},
        "node_modules/react": {"version": "19.0.0"},
        "node_modules/vitest": {"version": "5.0.0", "dev": True},
        "node_modules/for-another-system": {"version": "1.0.0", "optional": True},
    }
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": lock}))
    assert not HOOK.is_installed(tmp_path)
    (tmp_path / "node_modules").mkdir()
    there = tmp_path / "node_modules" / ".package-lock.json"
    there.write_text(json.dumps({"packages": {"node_modules/react": {"version": "19.0.0"}}}))
    assert HOOK.is_installed(tmp_path)
    assert not HOOK.is_installed(tmp_path, for_work=True)
    there.write_text(json.dumps({"packages": {"node_modules/react": {"version": "18.0.0"}}}))
    assert not HOOK.is_installed(tmp_path)


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((PROJECT / "web" / "package-lock.json").read_bytes())["packages"]
    assert len(lock) > 100
    assert not [name for name, package in lock.items() if "resolved" in package]
