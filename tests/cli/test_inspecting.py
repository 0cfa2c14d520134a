"""`reenact inspect`: fidelity by axis, and a floor that CI can hold."""

from __future__ import annotations

import json

import pytest

ID = ("sess-tue-4711", "--project", "oi_openai_rooted")


def test_every_axis_is_shown_with_its_reason(captured):
    ended = captured("inspect", *ID)
    assert ended.code == 0
    rows = {line.split()[0]: line.split()[1:] for line in ended.out.splitlines()[3:]}
    assert rows["tool_results"] == ["100", "present", "4", "of", "4"]
    assert rows["audio"][:3] == ["-", "not", "applicable"]


@pytest.mark.parametrize(("distance", "code"), [(0, 0), (1, 3)])
def test_below_the_floor_exits_3_and_at_it_0(captured, distance, code):
    score = json.loads(captured("inspect", *ID, "--json").out)["fidelity"]["score"]
    ended = captured("inspect", *ID, "--floor", str(score + distance))
    assert ended.code == code
    assert ("below the floor" in ended.err) == bool(code)
    assert "tool_results" in ended.out, "the report is printed either way"


def test_json_names_the_recording(captured):
    told = json.loads(captured("inspect", *ID, "--json").out)
    assert told["id"] == "sess:sess-tue-4711"
    assert told["recording"].startswith("sha256:")
    assert {axis["name"] for axis in told["fidelity"]["axes"]} >= {"user_turns", "tool_results"}


@pytest.mark.parametrize("floor", ["-1", "101"])
def test_a_floor_beyond_the_scale_is_wrong_use(captured, floor):
    assert captured("inspect", *ID, f"--floor={floor}").code == 2
