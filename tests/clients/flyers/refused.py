"""Prints what a drone in Python is told first of why it is not connected, and how often its token had been asked for a second
later."""

import asyncio
import sys

import slipstream


async def main(edge: str) -> None:
    asked = 0
    problems: list[Exception] = []

    async def token() -> str:
        nonlocal asked
        asked += 1
        return f"token-{asked}"

    async with slipstream.Drone(drone_id="refused", edges=[edge], token=token, on_problem=problems.append):
        while not problems:
            await asyncio.sleep(0.01)
        await asyncio.sleep(1)
    first = problems[0]
    if isinstance(first, slipstream.EdgeRefusal):
        print(first.code, first.field, asked, first)


asyncio.run(main(*sys.argv[1:]))
