"""The floor: the plain loop over aiohttp, no journal, no comparison; used without ../shared."""

from __future__ import annotations

import argparse
import asyncio

import aiohttp

from benchmarks.workload import Meter, report, user_turns


async def run(agent: str, n: int, conc: int, turns: int) -> Meter:
    """Ask `agent` for every turn of `n` conversations, `conc` at a time."""
    gate = asyncio.Semaphore(conc)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one(conversation: int) -> None:
            messages: list[dict[str, str]] = []
            async with gate:
                for words in user_turns(conversation, turns):
                    messages.append({"role": "user", "content": words})
                    body = {"messages": messages}
                    async with session.post(f"{agent}/agent", json=body) as response:
                        answer = (await response.json())["content"]
                    messages.append({"role": "assistant", "content": answer})

        with Meter() as meter:
            async with asyncio.TaskGroup() as group:
                for conversation in range(n):
                    group.create_task(one(conversation))
    return meter


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--agent", required=True)
    for name in ("--n", "--conc", "--turns"):
        parser.add_argument(name, type=int, required=True)
    given = parser.parse_args()
    meter = asyncio.run(run(given.agent, given.n, given.conc, given.turns))
    cpu_ms = meter.cpu_s / given.n / given.turns * 1000
    report(wall=meter.wall_s, cpu_ms_turn=cpu_ms)


if __name__ == "__main__":
    main()
