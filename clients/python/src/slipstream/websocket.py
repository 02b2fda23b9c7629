"""Connections by WebSocket, with the package `websockets`."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from ssl import SSLContext

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from .problem import ABNORMAL, NORMAL
from .transport import Connection, End, Listener

_SUBPROTOCOL = Subprotocol("slipstream.v1")
_HANDSHAKE_S_MAX = 10.0
_CLOSE_S_MAX = 2.0


class WebSocketTransport:
    schemes = frozenset(("ws", "wss"))

    def __init__(self, *, ssl: SSLContext | None = None) -> None:
        self._ssl = ssl

    def connect(self, edge: str, *, token: str | None, listener: Listener) -> Connection:
        return _WebSocket(edge, token=token, listener=listener, ssl=self._ssl)


class _WebSocket:
    def __init__(self, edge: str, *, token: str | None, listener: Listener, ssl: SSLContext | None) -> None:
        self._listener = listener
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._ssl = ssl
        self._socket: ClientConnection | None = None
        self._frames: deque[bytes] = deque()
        self._buffered_bytes = 0
        self._has_frames = asyncio.Event()
        self._is_closing = False
        self._task = asyncio.get_running_loop().create_task(self._run(edge))

    @property
    def is_open(self) -> bool:
        return self._socket is not None and not self._is_closing

    @property
    def buffered_bytes(self) -> int:
        return self._buffered_bytes

    def send(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._buffered_bytes += len(frame)
        self._has_frames.set()

    def close(self) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        self._has_frames.set()
        if self._socket is None:
            self._task.cancel()

    async def _run(self, edge: str) -> None:
        end = End(ABNORMAL)
        try:
            end = await self._connect(edge)
        except asyncio.CancelledError:
            # By `close`, before there was a connection; whoever else cancels it wants an end as well.
            end = End(NORMAL)
        finally:
            self._socket = None
            self._is_closing = True
            self._listener.ended(end)

    async def _connect(self, edge: str) -> End:
        try:
            # A proxy from the environment is used; `ssl` is only for wss.
            socket = await connect(
                edge,
                subprotocols=[_SUBPROTOCOL],
                additional_headers=self._headers,
                compression=None,
                open_timeout=_HANDSHAKE_S_MAX,
                close_timeout=_CLOSE_S_MAX,
                ping_interval=None,
                ssl=self._ssl if edge.startswith("wss:") else None,
            )
        except InvalidStatus as error:
            response = error.response
            retry_after = response.headers.get("Retry-After", "")
            wait_ms = 1000.0 * int(retry_after) if retry_after.isdecimal() else 0.0
            return End(response.status_code, _error_in(response.body), wait_ms)
        except (OSError, TimeoutError, EOFError, WebSocketException) as error:
            return End(ABNORMAL, str(error))
        self._socket = socket
        writing = asyncio.get_running_loop().create_task(self._write(socket))
        try:
            self._listener.opened()
            return await self._read(socket)
        finally:
            writing.cancel()
            # It has ended, or is to: nobody waits for an edge that does not answer.
            socket.transport.abort()

    async def _read(self, socket: ClientConnection) -> End:
        try:
            while True:
                message = await socket.recv()
                # Whoever sends text is not an edge.
                if isinstance(message, str):
                    return End(ABNORMAL, "it sends text: it is no edge")
                if not self._is_closing:
                    self._listener.received(message)
        except ConnectionClosed as closed:
            frame = closed.rcvd
            return End(ABNORMAL) if frame is None else End(frame.code, frame.reason)

    async def _write(self, socket: ClientConnection) -> None:
        try:
            while True:
                await self._has_frames.wait()
                self._has_frames.clear()
                while self._frames:
                    frame = self._frames.popleft()
                    await socket.send(frame)
                    self._buffered_bytes -= len(frame)
                if self._is_closing:
                    return await socket.close(NORMAL)
        except ConnectionClosed:
            # The reader says why.
            return


def _error_in(body: bytes | bytearray | None) -> str:
    """What an edge says in its own words; of a proxy's page nothing."""
    try:
        answer = json.loads(body or b"")
    except ValueError:
        return ""
    said = answer.get("error") if isinstance(answer, dict) else None
    return said if isinstance(said, str) else ""
