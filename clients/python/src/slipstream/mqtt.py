"""Connections by MQTT 5, over a WebSocket, TCP or TLS, with Eclipse Paho: `pip install slipstream-client[mqtt]`.

A frame goes up as a PUBLISH of QoS 1; its PUBACK comes back as the Ack of its records, a refusal as what a WebSocket would
have been told."""

from __future__ import annotations

import asyncio
import secrets
from ssl import SSLContext, create_default_context
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from .problem import ABNORMAL, NORMAL, FieldError
from .publishing import Published, answer
from .transport import Connection, End, Listener
from .v1.alert_pb2 import Alert
from .v1.downlink_pb2 import DroneDownlink, Heartbeat

_PORTS = {"ws": 80, "wss": 443, "mqtt": 1883, "mqtts": 8883}
_KEEPALIVE_S = 5
_IN_FLIGHT_MAX = 1000
_HEARTBEAT_S = 3.0
_UNKNOWN_MS = 2**32 - 1
"""How long the edge holds what it has not acknowledged, nobody says."""
_ENDS = {0x86: 401, 0x87: 401, 0x88: 503, 0x89: 503, 0x8B: 1001, 0x97: 429, 0x9F: 429}
"""What reason codes of MQTT are to a WebSocket."""


class MqttTransport:
    """Of one drone. Edges are URLs such as wss://edge.example/mqtt, mqtt://edge.example:1883, mqtts://edge.example:8883."""

    schemes = frozenset(_PORTS)

    def __init__(self, *, drone_id: str, ssl: SSLContext | None = None) -> None:
        if any(mark in drone_id for mark in "/+#"):
            raise FieldError("drone_id", "with / + or # in it it has no topic", value=drone_id)
        self._drone_id = drone_id
        self._ssl = ssl

    def connect(self, edge: str, *, token: str | None, listener: Listener) -> Connection:
        return _Mqtt(edge, drone_id=self._drone_id, token=token, ssl=self._ssl, listener=listener)


class _Mqtt:
    def __init__(
        self, edge: str, *, drone_id: str, token: str | None, ssl: SSLContext | None, listener: Listener
    ) -> None:
        self._drone_id = drone_id
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._published: dict[int, Published] = {}
        self._is_connected = False
        self._end: End | None = None
        self._is_over = asyncio.Event()
        self._client = self._made(edge, token=token, ssl=ssl)
        self._task = self._loop.create_task(self._run(edge))

    @property
    def is_open(self) -> bool:
        return self._is_connected and self._end is None

    @property
    def buffered_bytes(self) -> int:
        """Paho keeps what it has not sent: at most what the drone has handed over and nobody acknowledged."""
        return 0

    def send(self, frame: bytes) -> None:
        sent = self._client.publish(f"fleet/{self._drone_id}/telemetry", frame, qos=1)
        self._published[sent.mid] = Published.of(frame)

    def close(self) -> None:
        self._finish(End(NORMAL))

    def _made(self, edge: str, *, token: str | None, ssl: SSLContext | None) -> Client:
        parts = urlsplit(edge)
        is_web = parts.scheme in ("ws", "wss")
        client = Client(
            CallbackAPIVersion.VERSION2,
            # Its own, so that a connection that takes over does not end the other before it is there.
            client_id=f"{self._drone_id[:40]}-{secrets.token_hex(4)}",
            protocol=MQTTv5,
            transport="websockets" if is_web else "tcp",
            reconnect_on_failure=False,
        )
        client.max_inflight_messages_set(_IN_FLIGHT_MAX)
        if is_web:
            client.ws_set_options(path=parts.path or "/mqtt", headers=_without_origin)
        if parts.scheme in ("wss", "mqtts"):
            client.tls_set_context(ssl or create_default_context())
        if token is not None:
            client.username_pw_set("drone", token)
        # Paho calls these in a thread of its own.
        client.on_connect = lambda _, __, flags, reason, properties: self._later(self._answered, flags, reason)
        client.on_publish = lambda _, __, mid, reason, properties: self._later(self._acked, mid, reason, properties)
        client.on_message = lambda _, __, message: self._later(self._warned, message)
        client.on_disconnect = lambda _, __, flags, reason, properties: self._later(self._ended, flags, reason)
        return client

    def _later(self, fn: Any, *args: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(fn, *args)

    async def _run(self, edge: str) -> None:
        parts = urlsplit(edge)
        try:
            port = parts.port or _PORTS[parts.scheme]
            await asyncio.to_thread(self._client.connect, parts.hostname or "", port, _KEEPALIVE_S)
        except (OSError, ValueError) as error:
            return self._finish(End(ABNORMAL, str(error)))
        self._client.loop_start()
        try:
            while self._end is None:
                await self._pause()
                # Paho ends a connection over which no answer to its pings comes.
                if self.is_open and self._client.is_connected():
                    self._tell(DroneDownlink(heartbeat=Heartbeat(waiting_ms=_UNKNOWN_MS)))
        finally:
            self._client.disconnect()
            await asyncio.shield(asyncio.to_thread(self._client.loop_stop))

    async def _pause(self) -> None:
        """Until the next heartbeat, or until it has ended."""
        try:
            await asyncio.wait_for(self._is_over.wait(), _HEARTBEAT_S)
        except TimeoutError:
            return

    def _answered(self, _: ConnectFlags, reason: ReasonCode) -> None:
        if reason.is_failure:
            return self._finish(_end_of(reason))
        if self._end is not None:
            return
        self._client.subscribe(f"fleet/{self._drone_id}/alerts", qos=1)
        self._is_connected = True
        self._listener.opened()

    def _acked(self, mid: int, reason: ReasonCode, properties: Properties | None) -> None:
        published = self._published.pop(mid, None)
        if published is None or not published.seqs or self._end is not None:
            return
        told = dict(getattr(properties, "UserProperty", []))
        for downlink in answer(published, reason=reason.value, told=told, said=getattr(properties, "ReasonString", "")):
            self._tell(downlink)

    def _warned(self, message: MQTTMessage) -> None:
        self._tell(DroneDownlink(drone_id=self._drone_id, alert=Alert.FromString(message.payload)))

    def _ended(self, _: DisconnectFlags, reason: ReasonCode) -> None:
        self._finish(_end_of(reason))

    def _tell(self, downlink: DroneDownlink) -> None:
        if self._end is None:
            self._listener.received(downlink.SerializeToString())

    def _finish(self, end: End) -> None:
        if self._end is not None:
            return
        self._end = end
        self._loop.call_soon(self._listener.ended, end)
        self._is_over.set()


def _without_origin(headers: dict[str, str]) -> dict[str, str]:
    """A drone is no page: edges refuse those of origins that they do not know."""
    return {name: value for name, value in headers.items() if name != "Origin"}


def _end_of(reason: ReasonCode) -> End:
    return End(_ENDS.get(reason.value, ABNORMAL), "" if reason.value == 0 else str(reason))
