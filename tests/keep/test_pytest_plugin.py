from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reenact.domain.expectation import Expectation
from reenact.keep.case import KeptCase
from reenact.keep.file import read_case, write_case
from reenact.keep.suite import run_case
from reenact.settings import Settings, read_settings
from support.kept import RECORDING
from support.shop_agent import SOURCE

pytest_plugins = ["pytester"]

EXPECTED = (
    Expectation(kind="must_not_call", turn=2, tool="issue_refund"),
    Expectation(kind="must_call", turn=2, tool="check_status", arguments={"order_id": "A-1003"}),
)


@pytest.fixture(scope="module", autouse=True)
def loaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Load once what a replay loads: modules written in C cannot be loaded again and again.

    pytester takes out of `sys.modules` what a run inside this process has put there.
    """
    folder = tmp_path_factory.mktemp("loaded")
    (folder / "first_shop.py").write_text(SOURCE)
    case = KeptCase(name="first", recording_hash=RECORDING.hash, expectations=EXPECTED)
    path = write_case(case, folder, recording=RECORDING)
    settings = Settings(
        home=folder,
        spans_url=f"sqlite:///{folder / 'spans.db'}",
        database_url=f"sqlite:///{folder / 'reenact.db'}",
        blobs_url=(folder / "blobs").as_uri(),
    )
    run_case(read_case(path), target=f"{folder / 'first_shop.py'}:fixed", settings=settings)
    read_settings()


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's project with an agent and two kept files."""
    monkeypatch.setenv("REENACT_HOME", str(pytester.path / "home"))
    for name in ("SPANS_URL", "DATABASE_URL", "BLOBS_URL"):
        monkeypatch.delenv(f"REENACT_{name}", raising=False)
    agent = SOURCE.replace(
        '"Your " + check_status("A-1001")["item"] + " has shipped."',
        "(check_status('A-1001'), 'It has shipped.')[1]",
    )
    (pytester.path / "shop.py").write_text(agent)
    for name in ("tuesday-refund", "wednesday-refund"):
        keep(pytester, name)
    return pytester


def keep(pytester: pytest.Pytester, name: str, *, agent: str | None = "shop.py:fixed") -> Path:
    case = KeptCase(
        name=name,
        recording_hash=RECORDING.hash,
        agent=agent,
        user_policy="strict",
        expectations=EXPECTED,
    )
    return write_case(case, pytester.path / "tests" / "replays", recording=RECORDING)


def test_every_kept_file_is_an_item_that_passes_with_the_fix(project: pytest.Pytester) -> None:
    result = project.runpytest("-v", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["tests/replays/tuesday-refund.reenact.yaml::tuesday-refund PASSED*"]
    )


def test_a_failure_shows_the_divergence_and_the_expectations_and_no_traceback(
    project: pytest.Pytester,
) -> None:
    result = project.runpytest("--reenact-agent", "shop.py:old", "-k", "tuesday")
    result.assert_outcomes(failed=1, deselected=1)
    shown = result.stdout.str()
    for line in (
        "Still failing: fails on the recording and in the replay; rests on one run.",
        'Turn 2: "I have refunded $49.90." became "I have refunded $49.90 for order A-1003."',
        "fail: must not call issue_refund on turn 2: issue_refund(order_id='A-1003'",
        "fail: must call check_status(order_id='A-1003') on turn 2",
        "the whole run: reenact runs show run-",
    ):
        assert line in shown
    assert "Traceback" not in shown
    assert "pytest_plugin.py" not in shown


def test_a_divergence_is_said_in_one_sentence_with_what_to_declare(
    project: pytest.Pytester,
) -> None:
    result = project.runpytest("--reenact-agent", "shop.py:helpless", "-k", "tuesday")
    result.assert_outcomes(failed=1, deselected=1)
    shown = result.stdout.str()
    assert "No evidence: " in shown
    assert "Turn 2: issue_refund(order_id='A-1003', amount=49.9) became check_status" in shown
    assert "nobody answered check_status; to declare a result, add to declared:" in shown
    assert '- tool: check_status\n      arguments: {"order_id": "A-9999"}' in shown


def test_an_agent_that_dies_is_quoted(project: pytest.Pytester) -> None:
    result = project.runpytest("--reenact-agent", "shop.py:broken", "-k", "tuesday")
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["*the agent: RuntimeError: no such model (shop.py:*)"])


def test_stopping_at_the_first_failure_and_running_the_last_failed_again(
    project: pytest.Pytester,
) -> None:
    first = project.runpytest("-x", "--reenact-agent", "shop.py:old")
    first.assert_outcomes(failed=1)
    (project.path / "tests/replays/wednesday-refund.reenact.yaml").unlink()
    keep(project, "thursday-refund")
    again = project.runpytest("--lf", "-v")
    again.assert_outcomes(passed=1)
    again.stdout.fnmatch_lines(["*::tuesday-refund PASSED*"])


def test_junit_carries_verdict_fidelity_and_verbatim_share(project: pytest.Pytester) -> None:
    project.runpytest("--junit-xml=out.xml", "--reenact-agent", "shop.py:old", "-k", "tuesday")
    (case,) = ElementTree.parse(project.path / "out.xml").iter("testcase")
    properties = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert properties.pop("reenact_run", "").startswith("run-")
    assert properties == {
        "reenact_verdict": "still_failing",
        "reenact_fidelity": "100",
        "reenact_verbatim_share": "1.0",
    }
    failure = case.find("failure")
    assert failure is not None
    assert "must not call issue_refund" in (failure.text or "")
    assert case.get("name") == "tuesday-refund"


def test_many_workers_share_the_cases(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("-n", "2", "--reenact-agent", "shop.py:fixed")
    result.assert_outcomes(passed=2)


def test_a_case_that_passes_in_some_repeats_only_passes_with_a_warning(
    project: pytest.Pytester,
) -> None:
    flaky = ("--reenact-agent", "shop.py:flaky", "--reenact-repeats", "4", "-k", "tuesday")
    result = project.runpytest(*flaky, "-W", "default")
    result.assert_outcomes(passed=1, warnings=1, deselected=1)
    result.stdout.fnmatch_lines(["*CaseWarning: tuesday-refund: Flaky: *2 of 4 repeats*"])
    strict = project.runpytest(*flaky, "-W", "error")
    strict.assert_outcomes(failed=1, deselected=1)
    assert "pytest_plugin.py" not in strict.stdout.str()


def test_a_wrong_file_fails_alone_with_its_line(project: pytest.Pytester) -> None:
    path = project.path / "tests/replays/tuesday-refund.reenact.yaml"
    path.write_text(path.read_text().replace("must_call:", "must_cal:"))
    result = project.runpytest()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*tuesday-refund.reenact.yaml:*: unknown key of an expectation: 'must_cal'"]
    )
    result.stdout.fnmatch_lines(["*did you mean must_call?*"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("agent", "what"),
    [
        (None, "no agent is named"),
        ("nowhere.py:answer", "no such file"),
        ("shop.py:nothing", "has no nothing"),
        ("no agent", "this names no agent"),
    ],
)
def test_an_agent_that_is_not_there_is_said(
    project: pytest.Pytester, agent: str | None, what: str
) -> None:
    keep(project, "friday-refund", agent=agent)
    result = project.runpytest("-k", "friday")
    result.assert_outcomes(failed=1, deselected=2)
    assert what in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import reenact.pytest_plugin; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - sys.stdlib_module_names))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['reenact']"


def test_a_project_without_kept_files_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.makefile(".yaml", other="a: 1")
    pytester.runpytest().assert_outcomes(passed=1)
