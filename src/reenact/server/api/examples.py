"""Examples in the OpenAPI document: what a real server was asked and answered, in one story.

`examples.json` holds them; `make examples` tells the story to a server and writes the file anew.
It is read when the document is first asked for.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

FILE = "examples.json"
_PROBLEM = "problem-{}"


def told() -> dict[str, Any]:
    """Return the story: `operations`, each `{parameters, body, answer}`, and `problems`."""
    found: dict[str, Any] = json.loads((files(__package__) / FILE).read_bytes())
    return found


def show_examples(document: dict[str, Any]) -> None:
    """Put into `document` an example of everything that is asked and answered."""
    story = told()
    problems = _problems(document, story["problems"])
    for item in document["paths"].values():
        for operation in item.values():
            _show(operation, story["operations"].get(operation["operationId"], {}))
            for status, response in operation["responses"].items():
                chosen = {name: one for name, one in problems.items() if name[0] == status[0]}
                if status.endswith("XX") and chosen:
                    for content in response["content"].values():
                        content["examples"] = chosen


def _problems(document: dict[str, Any], story: dict[str, Any]) -> dict[str, Any]:
    """Note each problem once in `document`; return references to them by status."""
    kept = document["components"].setdefault("examples", {})
    for status, problem in story.items():
        kept[_PROBLEM.format(status)] = {"summary": problem["title"], "value": problem}
    return {
        status: {"$ref": f"#/components/examples/{_PROBLEM.format(status)}"} for status in story
    }


def _show(operation: dict[str, Any], story: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in story.get("parameters", {}):
            parameter["example"] = story["parameters"][parameter["name"]]
    if "body" in story:
        for content in operation["requestBody"]["content"].values():
            content["example"] = story["body"]
    if "answer" in story:
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                for content in response.get("content", {}).values():
                    content["example"] = story["answer"]
