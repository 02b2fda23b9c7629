"""By which token a drone proves who it is: asked for before the first connection, in time before it ends, and again when an
edge does not believe it."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import re
from collections.abc import Awaitable, Callable
from math import inf

from .machine import Cancel, Machine, nothing
from .problem import FieldError

TokenSource = Callable[[], "str | Awaitable[str]"]
"""Gives a token (JWT), or a promise of one."""

_RENEWED_SHARE = 0.8
"""Of the time that a token is good for, when the next one is asked for."""
_RETRY_MS_MIN = 1000.0
_RETRY_MS_MAX = 60_000.0


class Tokens:
    def __init__(
        self,
        source: TokenSource,
        machine: Machine,
        *,
        on_token: Callable[[], None],
        on_failed: Callable[[Exception], None],
    ) -> None:
        self._source = source
        self._machine = machine
        # There is another one.
        self._on_token = on_token
        # The source failed; it is asked again.
        self._on_failed = on_failed
        self.current: str | None = None
        """None before there is one."""
        self._asking: asyncio.Task[None] | None = None
        self._is_closed = False
        self._failures = 0
        self._cancel: Cancel = nothing

    def renew(self) -> None:
        """Asks for a token: the first, or another one because nobody believes this."""
        if self._is_closed or self._asking is not None:
            return
        self._cancel()
        self._asking = asyncio.get_running_loop().create_task(self._ask())

    def close(self) -> None:
        self._is_closed = True
        self._cancel()
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self) -> None:
        try:
            given = self._source()
            token = await given if inspect.isawaitable(given) else given
            if not isinstance(token, str) or not re.fullmatch(r"[\w.-]+", token, re.ASCII):
                raise FieldError("token", "it is no JWT")
        except Exception as error:
            # Whatever the source does wrong, it is asked again.
            self._asking = None
            return self._failed(error)
        self._asking = None
        self._failures = 0
        self.current = token
        self._renew_before(_end_us(token))
        self._on_token()

    def _renew_before(self, end_us: float) -> None:
        left_ms = (end_us - self._machine.now_us()) / 1000
        if left_ms < inf:
            self._cancel = self._machine.after(max(_RETRY_MS_MIN, left_ms * _RENEWED_SHARE), self.renew)

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        limit_ms = min(_RETRY_MS_MAX, _RETRY_MS_MIN * 2 ** min(self._failures, 30))
        self._cancel = self._machine.after(limit_ms * (0.5 + self._machine.random() / 2), self.renew)
        self._on_failed(error)


def _end_us(token: str) -> float:
    """When a JWT says that it ends, Unix µs; inf: it does not say, and what is not readable here may be to an edge."""
    parts = token.split(".")
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError):
        return inf
    end_s = payload.get("exp") if isinstance(payload, dict) else None
    return end_s * 1e6 if isinstance(end_s, (int, float)) else inf
