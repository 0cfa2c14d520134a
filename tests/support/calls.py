"""Calls of voice platforms, made after their published schemas, with the quirks of real ones."""

from __future__ import annotations

from typing import Any

VAPI_START = 1_795_521_600_000
"""2026-11-24T12:00:00Z in milliseconds, when the Vapi call below starts."""


def vapi_row(role: str, message: str, start: float, end: float | None = None, **more: Any) -> Any:
    """A row that begins and ends so many seconds after the start of the call."""
    row = {"role": role, "message": message, "time": VAPI_START + start * 1000}
    if end is not None:
        row |= {"endTime": VAPI_START + end * 1000, "duration": (end - start) * 1000 - 240}
    return {**row, "secondsFromStart": start, **more}


VAPI_CALL: dict[str, Any] = {
    "id": "019aa5f2-7c1e-7000-8000-2f6f3a1d0b11",
    "orgId": "org-1",
    "type": "inboundPhoneCall",
    "createdAt": "2026-11-24T11:59:58.120Z",
    "updatedAt": "2026-11-24T12:01:05.000Z",
    "startedAt": "2026-11-24T12:00:00.000Z",
    "endedAt": "2026-11-24T12:00:41.500Z",
    "status": "ended",
    "endedReason": "customer-ended-call",
    "phoneCallProvider": "twilio",
    "phoneCallTransport": "pstn",
    "assistantId": "asst-7",
    "assistant": {
        "name": "Kettle desk",
        "firstMessage": "Kettle and Co, how can I help?",
        "model": {
            "provider": "openai",
            "model": "gpt-4o",
            "messages": [{"role": "system", "content": "You help {{customer.name}}."}],
            "tools": [
                {
                    "type": "function",
                    "function": {
                        "name": "check_status",
                        "description": "Say where an order is.",
                        "parameters": {
                            "type": "object",
                            "properties": {"order_id": {"type": "string"}},
                        },
                    },
                    "server": {"url": "https://tools.example/hook"},
                },
                {"type": "endCall"},
                {
                    "type": "apiRequest",
                    "name": "refund",
                    "method": "POST",
                    "url": "https://x.example",
                },
            ],
        },
    },
    "customer": {"number": "+15550100", "name": "Ana"},
    "costs": [
        {"type": "transport", "provider": "twilio", "minutes": 0.7, "cost": 0.0098},
        {
            "type": "model",
            "model": {"provider": "openai", "model": "gpt-4o"},
            "promptTokens": 1480,
            "completionTokens": 96,
            "cachedPromptTokens": 512,
            "cost": 0.0047,
        },
        {"type": "vapi", "subType": "normal", "minutes": 0.7, "cost": 0.035},
    ],
    "cost": 0.0581,
    "costBreakdown": {"transport": 0.0098, "llm": 0.0047, "vapi": 0.035, "total": 0.0581},
    "messages": [{"role": "bot", "message": "an older copy", "time": 1, "secondsFromStart": 0}],
    "transcript": "AI: Kettle and Co, how can I help?\nUser: Where is my order?\n",
    "recordingUrl": "https://storage.example/mono.wav",
    "summary": "The user asked for a refund of two kettles.",
    "analysis": {
        "summary": "The user asked for a refund of two kettles.",
        "successEvaluation": "true",
    },
    "artifact": {
        "messages": [
            {
                "role": "system",
                "message": "You help Ana.",
                "time": VAPI_START,
                "secondsFromStart": 0,
            },
            vapi_row("bot", "Kettle and Co,", 0.6, 1.4),
            vapi_row("bot", "how can I help?", 1.5, 2.3),
            vapi_row("user", "Hi, I want to know", 3.4, 5.0),
            vapi_row("user", "where order A one thousand three is.", 5.9, 8.2),
            vapi_row("bot", "Let me look.", 9.4, 10.2),
            {
                "role": "tool_calls",
                "time": VAPI_START + 10_300,
                "secondsFromStart": 10.3,
                "message": "",
                "toolCalls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {
                            "name": "check_status",
                            "arguments": '{"order_id": "A-1003"}',
                        },
                    }
                ],
            },
            {
                "role": "tool_call_result",
                "toolCallId": "call_1",
                "name": "check_status",
                "result": '{"status": "in transit", "eta": "2026-11-27"}',
                "time": VAPI_START + 11_900,
                "secondsFromStart": 11.9,
            },
            vapi_row("bot", "It is on its way, and due on Friday.", 12.6, 15.4),
            vapi_row("user", "Thank you, bye.", 17.0, 18.1),
        ],
        "recordingUrl": "https://storage.example/mono.wav",
        "stereoRecordingUrl": "https://storage.example/stereo.wav?X-Sig=secret",
        "recording": {"mono": {"customerUrl": "https://storage.example/customer.wav"}},
        "presignedStereoUrl": "https://storage.example/stereo.wav?X-Sig=secret",
        "performanceMetrics": {"turnLatencyAverage": 1250, "numUserInterrupted": 0},
        "variableValues": {"customer": {"name": "Ana"}},
    },
}
"""A call as `GET /call` of Vapi's API gives it."""


def retell_row(role: str, content: str, *words: Any, **metadata: Any) -> dict[str, Any]:
    """A row of speech; `words` are their starts and ends in seconds."""
    listed = [{"word": "x", "start": start, "end": end} for start, end in words]
    return {"role": role, "content": content, "words": listed, "metadata": metadata}


def retell_tool(id: str, name: str, arguments: str, content: str, **more: Any) -> list[Any]:
    """A call of a tool and its answer, as two rows."""
    asked = {"role": "tool_call_invocation", "tool_call_id": id, "name": name}
    answer = {"role": "tool_call_result", "tool_call_id": id, "content": content}
    return [{**asked, "arguments": arguments}, {**answer, **more}]


RETELL_CALL: dict[str, Any] = {
    "call_id": "call_5c1f0e7a2b",
    "call_type": "phone_call",
    "agent_id": "agent_9",
    "agent_name": "Kettle desk",
    "agent_version": 12,
    "call_status": "ended",
    "direction": "inbound",
    "from_number": "+15550100",
    "to_number": "+15550199",
    "start_timestamp": VAPI_START,
    "end_timestamp": VAPI_START + 41_500,
    "duration_ms": 41_500,
    "disconnection_reason": "user_hangup",
    "metadata": {"shop": "kettle"},
    "retell_llm_dynamic_variables": {"customer_name": "Ana"},
    "transcript": "Agent: Kettle and Co, how can I help?\nUser: Where is my order?\n",
    "transcript_with_tool_calls": [
        retell_row("agent", "Kettle and Co, how can I help?", (0.6, 2.3), response_id=0),
        retell_row("user", "Where is order A one thousand three?", (3.4, 3.6), (7.9, 8.2)),
        retell_row("agent", "Let me look that", (9.4, 10.2), response_id=1),
        *retell_tool("t1", "check_status", '{"order_id": "A-1003"}', '{"status": "lost"}'),
        retell_row("agent", "up for you. It is lost.", (12.6, 15.4), response_id=1),
        retell_row("user", "Then refund it.", (16.0, 17.1)),
        *retell_tool(
            "t2",
            "issue_refund",
            '{"order_id": "A-1003"}',
            '{"data": {"success": false, "reason": "too late"}}',
            successful=True,
        ),
        retell_row("agent", "I could not refund it.", (19.0, 20.4), response_id=2),
    ],
    "call_analysis": {
        "call_summary": "The user was refunded.",
        "call_successful": False,
        "user_sentiment": "Negative",
    },
    "call_cost": {
        "combined_cost": 14.2,
        "product_costs": [{"product": "elevenlabs_tts", "cost": 7.0}],
        "total_duration_seconds": 41,
        "total_duration_unit_price": 0.3,
    },
    "llm_token_usage": {"average": 900, "num_requests": 3, "values": [700, 900, 1100]},
    "latency": {"e2e": {"p50": 1210, "num": 3, "values": [1100, 1210, 1500]}},
    "recording_url": "https://storage.example/call.wav?Signature=secret",
    "public_log_url": "https://storage.example/log.txt",
}
"""A call as `get-call` of Retell's API gives it."""
