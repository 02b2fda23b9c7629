"""A drone, as its own software has it: numbers what it measures, keeps it until an edge has it on disk, and hears
warnings."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Collection, Sequence
from ssl import SSLContext
from types import TracebackType
from typing import Self, TypeVar, Unpack
from urllib.parse import urlsplit


from .awaited import Awaited
from .bounds import UINT32, check_text, check_whole
from .client import Client, ClientEvents, Counters
from .downlink import LossReason
from .file_store import FileStore
from .frame import FRAME_LIMITS, DroneIdentity
from .link import LinkSettings
from .machine import LoopMachine, Machine
from .measurement import Measurement, records_of
from .nearest import NearestSettings
from .problem import NORMAL, EdgeRefusal, FieldError, LossError
from .record_store import NoStore, RecordStore
from .tokens import Tokens, TokenSource
from .transport import Connection, End, Listener, Transport
from .v1.alert_pb2 import Alert
from .websocket import WebSocketTransport

_LOG = logging.getLogger("slipstream")
_TEXT: tuple[int, int] = (1, 64)
_LEFT_ALONE_MS_MAX = 60_000
"""However long an edge asks for."""
_CLOSE_S_MAX = 3.0

_T = TypeVar("_T")


class Drone:
    """Connects when it is entered (`async with`), and goes on until it is left. Raises FieldError, naming the setting that
    cannot be used. It belongs to one event loop; callbacks are called in it.

    :param drone_id: 1 to 64 bytes of UTF-8
    :param edges: URLs, ws: or wss:, each ending in /v1/telemetry; the nearest that answers is used
    :param group: the formation it flies in, at most 64 bytes of UTF-8; by default none
    :param token: asked for a token before the first connection, and whenever another is needed
    :param ssl: of wss: whom to trust, and the certificate that proves who this is
    :param outbox: path of a file in which records are kept until they are acknowledged, whoever kills this process; one
        drone's own. Without it they are kept in memory
    :param records_max: kept at most until they are acknowledged; beyond it the oldest are given up
    :param on_alert: a warning, once for each alert and revision; it is acknowledged by itself
    :param on_acknowledged: these are on disk
    :param on_lost: these will never be acknowledged
    :param on_problem: an EdgeRefusal, or why there is no token, or why records cannot be kept in a file; by default it is
        logged. It goes on trying by itself
    :param transport: how frames get to an edge; by default a WebSocket
    """

    def __init__(
        self,
        *,
        drone_id: str,
        edges: Sequence[str],
        group: str = "",
        token: TokenSource | None = None,
        ssl: SSLContext | None = None,
        outbox: str | os.PathLike[str] | None = None,
        records_max: int = 4096,
        on_alert: Callable[[Alert], None] | None = None,
        on_acknowledged: Callable[[list[int]], None] | None = None,
        on_lost: Callable[[list[int], LossReason], None] | None = None,
        on_problem: Callable[[Exception], None] | None = None,
        transport: Transport | None = None,
        machine: Machine | None = None,
    ) -> None:
        self._transport: Transport = WebSocketTransport(ssl=ssl) if transport is None else transport
        _check(drone_id, edges, group=group, records_max=records_max, schemes=self._transport.schemes)
        self._edges = edges
        self._machine: Machine = LoopMachine() if machine is None else machine
        self._store: RecordStore = NoStore() if outbox is None else FileStore(outbox)
        self._awaited = Awaited()
        self._on_acknowledged = on_acknowledged
        self._on_lost = on_lost
        self._on_problem = on_problem
        self._is_open = False
        self._gone: set[Listener] = set()
        self._kept = self._store.open(drone_id, boot_id=self._machine.now_us() // 1000 % 2**32)
        self._seq = self._kept.last_seq
        self._client = Client(
            DroneIdentity(drone_id, self._kept.boot_id, group),
            self._machine,
            edges=NearestSettings(edges),
            link=LinkSettings(),
            records_max=records_max,
            connect=self._connect,
            events=ClientEvents(
                on_alert=lambda alert: self._say(on_alert, alert),
                on_acknowledged=self._acknowledged,
                on_lost=self._lost,
                on_ended=self._ended,
            ),
        )
        self._tokens = (
            None if token is None else Tokens(token, self._machine, on_token=self._has_token, on_failed=self._tell)
        )

    async def __aenter__(self) -> Self:
        if self._kept.records:
            self._client.send(self._kept.records)
        if self._tokens is None:
            self._open()
        else:
            self._tokens.renew()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def boot_id(self) -> int:
        """Records are known by the drone's id, this, and their number."""
        return self._kept.boot_id

    @property
    def connected(self) -> bool:
        return self._client.connected

    @property
    def edge(self) -> str | None:
        """URL of the edge that it is connected to; None: to none."""
        return self._client.edge

    @property
    def unacknowledged(self) -> int:
        """How many records are kept that no edge has acknowledged."""
        return self._client.unacknowledged

    @property
    def counters(self) -> Counters:
        return self._client.counters

    def send(self, **measurement: Unpack[Measurement]) -> list[int]:
        """Sends what was measured together, as soon as there is a connection, and again until it is acknowledged.

        Returns the numbers of its records, in the order position, battery, obstacles. Raises FieldError, naming the field
        that no record can hold: nothing was taken.
        """
        records = records_of(measurement, seq=self._seq + 1, now_us=self._machine.now_us())
        if not self._client.fits(records):
            raise FieldError("obstacles.hits", f"a frame has {FRAME_LIMITS.bytes_max} bytes")
        self._seq += len(records)
        seqs = [record.seq for record in records]
        self._awaited.add(seqs)
        self._keep(lambda: self._store.put(records))
        self._client.send(records)
        return seqs

    async def acknowledged(self, seqs: Sequence[int]) -> None:
        """Returns when these are on disk at the other end; raises LossError when one of them will never be."""
        await self._awaited.all(seqs)

    async def close(self) -> None:
        """For good. Records that are not acknowledged stay so, in the file if there is one."""
        if self._tokens is not None:
            self._tokens.close()
        self._client.close()
        until_s = asyncio.get_running_loop().time() + _CLOSE_S_MAX
        while self._gone and asyncio.get_running_loop().time() < until_s:
            await asyncio.sleep(0.005)
        self._store.close()
        self._awaited.close()

    def _open(self) -> None:
        self._is_open = True
        self._client.open()

    def _has_token(self) -> None:
        if self._is_open:
            self._client.renew()
        else:
            self._open()

    def _connect(self, edge: str, listener: Listener) -> Connection:
        token = None if self._tokens is None else self._tokens.current
        return self._transport.connect(edge, token=token, listener=_Counted(listener, self._gone))

    def _ended(self, edge: str, end: End) -> None:
        if end.code == NORMAL:
            return
        refusal = EdgeRefusal(edge, code=end.code, said=end.said)
        # Another edge may take it at once.
        if end.retry_after_ms > 0 and len(self._edges) == 1:
            self._client.leave_alone(min(end.retry_after_ms, _LEFT_ALONE_MS_MAX))
        if end.code in (401, 4004) and self._tokens is not None:
            self._tokens.renew()
        self._tell(refusal)

    def _acknowledged(self, seqs: list[int]) -> None:
        self._keep(lambda: self._store.forget(seqs))
        self._awaited.settle(seqs)
        self._say(self._on_acknowledged, seqs)

    def _lost(self, seqs: list[int], reason: LossReason) -> None:
        self._keep(lambda: self._store.forget(seqs))
        self._awaited.settle(seqs, lambda seq: LossError(seq, reason))
        on_lost = self._on_lost
        if on_lost is not None:
            self._say(lambda of: on_lost(of, reason), seqs)

    def _keep(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            problem = OSError(f"Cannot keep records in the outbox: {error}")
            problem.__cause__ = error
            self._tell(problem)

    def _tell(self, problem: Exception) -> None:
        if self._on_problem is None:
            _LOG.warning("%s", problem)
        else:
            self._say(self._on_problem, problem)

    def _say(self, callback: Callable[[_T], None] | None, what: _T) -> None:
        """What throws there does not stop what happens here: the event loop says so."""
        if callback is not None:
            asyncio.get_running_loop().call_soon(callback, what)


class _Counted:
    """Whom a connection tells; there until it has ended."""

    def __init__(self, listener: Listener, there: set[Listener]) -> None:
        self._listener = listener
        self._there = there
        self._there.add(self)

    def opened(self) -> None:
        self._listener.opened()

    def received(self, message: bytes) -> None:
        self._listener.received(message)

    def ended(self, end: End) -> None:
        self._there.discard(self)
        self._listener.ended(end)


def _check(
    drone_id: str, edges: Sequence[str], *, group: str, records_max: int, schemes: Collection[str]
) -> None:
    check_text("drone_id", drone_id, _TEXT)
    check_text("group", group, (0, _TEXT[1]))
    check_whole("records_max", records_max, (1, UINT32[1]))
    if isinstance(edges, str) or not edges:
        raise FieldError("edges", "it must be a list of one URL at least")
    for edge in edges:
        try:
            parts = urlsplit(edge)
        except (ValueError, TypeError, AttributeError) as error:
            raise FieldError("edges", "each must be a URL", value=edge) from error
        if parts.scheme not in schemes or not parts.hostname:
            begin = " or ".join(f"{scheme}://" for scheme in sorted(schemes))
            raise FieldError("edges", f"each must be a URL that begins with {begin}", value=edge)
