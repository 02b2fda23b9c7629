"""The machine that a drone's software runs on: clocks, timers, chance."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Protocol

Cancel = Callable[[], None]


class Machine(Protocol):
    def now_us(self) -> int:
        """Unix µs."""

    def clock_ms(self) -> float:
        """Of a clock that nobody sets."""

    def random(self) -> float:
        """0 to 1."""

    def after(self, ms: float, fn: Callable[[], None]) -> Cancel:
        """Runs `fn` after `ms`; the answer cancels it."""


class LoopMachine:
    """This process's own, in the running event loop."""

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def clock_ms(self) -> float:
        return time.monotonic() * 1000

    def random(self) -> float:
        return random.random()

    def after(self, ms: float, fn: Callable[[], None]) -> Cancel:
        return asyncio.get_running_loop().call_later(ms / 1000, fn).cancel


def nothing() -> None:
    """Cancels nothing."""
