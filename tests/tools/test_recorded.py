from __future__ import annotations

from reenact.domain.scenario import DeclaredResult
from reenact.tools.recorded import RecordedTools
from support.talks import REFUND, agent, call, talk, user


def test_the_same_call_is_answered_by_its_recording_on_the_first_rung() -> None:
    answer = RecordedTools(REFUND).answer("check_status", {"order_id": "A-1001"}, turn=1)
    assert answer.provenance == "recorded"
    assert answer.result == {"status": "shipped"}
    assert (answer.served.rung, answer.served.recorded_call) == (1, 0)


def test_a_number_sent_as_a_string_is_answered_on_the_second_rung() -> None:
    arguments = {"amount": "49.9", "order_id": "A-1003"}
    answer = RecordedTools(REFUND).answer("issue_refund", arguments, turn=2)
    assert (answer.result, answer.served.rung) == ({"ok": True}, 2)


def test_a_call_recorded_on_a_later_turn_answers_an_earlier_one() -> None:
    answer = RecordedTools(REFUND).answer("check_status", {"order_id": "A-1003"}, turn=2)
    assert answer.result == {"status": "in transit"}


def test_the_current_turns_recording_comes_before_the_recorded_order() -> None:
    talk_ = talk(
        user("a"),
        call("get", {"id": 1}, "early"),
        agent("x"),
        user("b"),
        call("get", {"id": 1}, "late"),
        agent("y"),
    )
    assert RecordedTools(talk_).answer("get", {"id": 1}, turn=2).result == "late"


def test_an_identical_read_asked_again_repeats_its_answer() -> None:
    tools = RecordedTools(REFUND, effects={"check_status": "read"})
    first = tools.answer("check_status", {"order_id": "A-1001"}, turn=1)
    again = tools.answer("check_status", {"order_id": "A-1001"}, turn=3)
    assert first.result == again.result == {"status": "shipped"}


def test_a_read_is_not_repeated_once_a_write_was_served() -> None:
    tools = RecordedTools(REFUND, effects={"check_status": "read", "issue_refund": "write"})
    tools.answer("check_status", {"order_id": "A-1001"}, turn=1)
    tools.answer("issue_refund", {"order_id": "A-1003", "amount": 49.9}, turn=2)
    again = tools.answer("check_status", {"order_id": "A-1001"}, turn=3)
    assert again.provenance == "refused"
    assert "a write since then may have changed it" in (again.served.miss or "")


def test_a_call_whose_effect_is_unknown_repeats_like_a_read() -> None:
    tools = RecordedTools(REFUND)
    for _ in range(2):
        answer = tools.answer("check_status", {"order_id": "A-1001"}, turn=1)
        assert answer.provenance == "recorded"


def test_a_write_is_served_once_per_recorded_call() -> None:
    tools = RecordedTools(REFUND, effects={"issue_refund": "write"})
    arguments = {"order_id": "A-1003", "amount": 49.9}
    assert tools.answer("issue_refund", arguments, turn=2).provenance == "recorded"
    second = tools.answer("issue_refund", arguments, turn=2)
    assert second.provenance == "refused"
    assert "which writes and was served already" in (second.served.miss or "")


def test_a_recorded_failure_is_served_as_a_failure() -> None:
    failed = talk(user("a"), call("get", {"id": 9}, error="no order 9"), agent("x"))
    answer = RecordedTools(failed).answer("get", {"id": 9}, turn=1)
    assert (answer.provenance, answer.error) == ("recorded", "no order 9")


def test_a_result_that_the_capture_cut_short_is_not_served() -> None:
    from dataclasses import replace

    cut = replace(call("get", {"id": 1}, '{"rows": [1, 2'), truncated=True)
    answer = RecordedTools(talk(user("a"), cut, agent("x"))).answer("get", {"id": 1}, turn=1)
    assert answer.provenance == "refused"
    assert "cut short" in (answer.served.miss or "")


def test_a_miss_names_the_nearest_call_and_the_argument_that_differs() -> None:
    answer = RecordedTools(REFUND).answer("check_status", {"order_id": "A-1002"}, turn=1)
    assert answer.provenance == "refused"
    assert "check_status(order_id='A-1001') on turn 1" in (answer.served.miss or "")
    assert "order_id: recorded 'A-1001', asked 'A-1002'" in (answer.served.miss or "")


def test_a_miss_holds_the_lines_that_declare_its_result() -> None:
    from ruamel.yaml import YAML

    answer = RecordedTools(REFUND).answer("check_status", {"order_id": "A-1002"}, turn=1)
    (declared,) = YAML(typ="safe").load(answer.served.declare)
    assert (declared["tool"], declared["arguments"]) == ("check_status", {"order_id": "A-1002"})


def test_a_declared_result_answers_what_the_recording_lacks() -> None:
    declared = DeclaredResult(tool="find", arguments={"q": "kettle"}, result=[1])
    answer = RecordedTools(REFUND, declared=[declared]).answer("find", {"q": "kettle"}, turn=1)
    assert (answer.provenance, answer.result) == ("declared", [1])


def test_an_unknown_tool_is_refused_and_told_what_the_recording_holds() -> None:
    answer = RecordedTools(REFUND).answer("delete_user", {}, turn=1)
    assert answer.provenance == "refused"
    assert answer.served.miss == (
        "the recording holds no call of delete_user; it holds check_status, issue_refund"
    )


def test_only_an_allowed_tool_may_run_for_real() -> None:
    tools = RecordedTools(REFUND, live=frozenset({"ping"}))
    assert tools.answer("ping", {}, turn=1).provenance == "live"
    assert tools.answer("pong", {}, turn=1).provenance == "refused"


def test_a_restored_matcher_goes_on_where_the_first_one_stopped() -> None:
    from dataclasses import replace

    twice = talk(user("a"), call("get", {"id": 1}, "one"), call("get", {"id": 1}, "two"))
    first = RecordedTools(twice)
    answer = first.answer("get", {"id": 1}, turn=1)
    noted = replace(call("get", {"id": 1}), served=answer.served)
    resumed = RecordedTools(twice)
    resumed.restore([noted])
    assert resumed.answer("get", {"id": 1}, turn=1).result == "two"


def test_calls_of_the_users_side_are_never_answered_for_the_agent() -> None:
    from dataclasses import replace

    users = replace(call("toggle_data", {}, "on"), requestor="user")
    tools = RecordedTools(talk(user("a"), users, agent("x")))
    assert tools.answer("toggle_data", {}, turn=1).provenance == "refused"
