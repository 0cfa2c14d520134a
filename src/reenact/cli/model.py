"""`reenact model`: ask the language model of the settings one question, to see that it works."""

from __future__ import annotations

import asyncio
import os
import time

from reenact.cli import console
from reenact.errors import UsageError
from reenact.llm.models import model_of
from reenact.llm.port import Completion, Prompt
from reenact.llm.prompts import prompt
from reenact.settings import read_settings

_SHAPE = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}


def model(*, json: bool = False) -> None:
    """Ask the language model of REENACT_MODEL one question, to see that it works.

    Args:
        json: Print JSON.
    """
    asked = model_of(read_settings(), environ=os.environ)
    if asked is None:
        raise UsageError(
            "no language model is set",
            where="REENACT_MODEL",
            next_step="export REENACT_MODEL=openai:gpt-4.1-mini, or an address and a model such "
            "as http://127.0.0.1:11434/v1#qwen3",
        )
    question = prompt(__package__, "trial")
    started = time.perf_counter()
    answer = asyncio.run(
        asked.complete(Prompt(messages=({"role": "user", "content": question},), shape=_SHAPE))
    )
    seconds = time.perf_counter() - started
    if json:
        console.print_json({"name": asked.name, "answer": answer, "seconds": round(seconds, 3)})
        return
    said = f"{asked.name} answered {answer.data['answer']!r} in {seconds:.1f} s: {_spent(answer)}"
    console.data().print(console.printable(said), markup=False)


def _spent(answer: Completion) -> str:
    used = answer.usage
    tokens = (
        "tokens unknown"
        if used.input_tokens is None or used.output_tokens is None
        else f"{used.input_tokens} tokens in, {used.output_tokens} out"
    )
    cost = "cost unknown" if answer.cost is None else f"${answer.cost:.6f}"
    return f"{tokens}, {cost}"
