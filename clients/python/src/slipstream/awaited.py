"""Who waits for which records to be acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_LOST_MAX = 1024
"""Losses that are remembered for those who ask later."""


@dataclass(eq=False)
class _Waiting:
    left: set[int]
    done: asyncio.Future[None]


class Awaited:
    def __init__(self) -> None:
        # Neither acknowledged nor lost.
        self._open: set[int] = set()
        self._lost: dict[int, Exception] = {}
        self._waiting: list[_Waiting] = []

    def add(self, seqs: Sequence[int]) -> None:
        self._open.update(seqs)

    async def all(self, seqs: Sequence[int]) -> None:
        """Returns when none of them is open; raises the error of one that is lost."""
        for seq in seqs:
            if seq in self._lost:
                raise self._lost[seq]
        left = self._open.intersection(seqs)
        if not left:
            return
        waiting = _Waiting(left, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            await waiting.done
        finally:
            self._waiting.remove(waiting)

    def settle(self, seqs: Sequence[int], error_of: Callable[[int], Exception] | None = None) -> None:
        """They are acknowledged; with `error_of`: lost."""
        self._open.difference_update(seqs)
        if error_of is not None:
            self._remember({seq: error_of(seq) for seq in seqs})
        for waiting in self._waiting:
            gone = waiting.left.intersection(seqs)
            waiting.left -= gone
            if waiting.done.done():
                continue
            if gone and error_of is not None:
                waiting.done.set_exception(error_of(min(gone)))
            elif not waiting.left:
                waiting.done.set_result(None)

    def close(self) -> None:
        """Nobody acknowledges anything any more."""
        for waiting in self._waiting:
            if not waiting.done.done():
                waiting.done.set_exception(
                    ConnectionError("Cannot wait for acknowledgements: the drone is closed")
                )

    def _remember(self, lost: dict[int, Exception]) -> None:
        self._lost.update(lost)
        for oldest in list(self._lost)[: max(0, len(self._lost) - _LOST_MAX)]:
            del self._lost[oldest]
