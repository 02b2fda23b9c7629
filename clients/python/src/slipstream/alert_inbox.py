"""What a drone remembers of the alerts it received: enough to act once on each change, whoever repeats it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .frame import DroneIdentity
from .v1 import alert_pb2
from .v1.alert_pb2 import Alert
from .v1.telemetry_pb2 import AlertAck, TelemetryFrame

_CONDITIONS_MAX = 256
"""Conditions remembered; the one not heard of for longest goes first, and is news when it comes back."""
_OPEN_US_MAX = 30_000_000
"""A condition raised so much later is raised anew: the word that it was over may have been lost."""


@dataclass(frozen=True)
class _Standing:
    """Where a condition stands, as far as the drone was told."""

    alert_id: int
    revision: int
    changed_time_us: int
    level: int
    """The severity handed on last; 0 once resolved."""


class AlertInbox:
    def __init__(self) -> None:
        self._standings: dict[tuple[int, tuple[str, ...], str], _Standing] = {}

    def take(self, alert: Alert) -> bool:
        """Remembers an alert, and says whether to act on it: true once for each alert and revision.

        An aggregator repeats an alert until it is acknowledged; one that died before it had journalled the alert raises
        the open condition again, under another id. When in doubt, what is more severe is news, and a resolution that is
        older than the alert is not.
        """
        condition = (int(alert.kind), tuple(sorted(alert.drone_ids)), alert.detail)
        level = 0 if alert.state == alert_pb2.ALERT_STATE_RESOLVED else int(alert.severity)
        said = _Standing(alert.alert_id, alert.revision, alert.changed_time_us, level)
        known = self._standings.pop(condition, None)
        is_news = known is None or _is_news_after(known, said)
        self._standings[condition] = said if known is None or is_news else _merge(known, said)
        while len(self._standings) > _CONDITIONS_MAX:
            del self._standings[next(iter(self._standings))]
        return is_news


def _is_news_after(known: _Standing, said: _Standing) -> bool:
    if said.alert_id == known.alert_id and said.revision != known.revision:
        return said.revision > known.revision
    # Another alert, or a number given twice by an aggregator that forgot the first: what it says decides.
    if said.level == 0:
        return known.level > 0 and said.changed_time_us >= known.changed_time_us
    return said.level > known.level or said.changed_time_us - known.changed_time_us > _OPEN_US_MAX


def _merge(known: _Standing, said: _Standing) -> _Standing:
    # A condition raised again goes on under its new id: the old one's resolution, should it still come, does not end it.
    is_other = said.alert_id != known.alert_id and said.changed_time_us >= known.changed_time_us
    return replace(said, level=known.level) if is_other else known


def encode_alert_ack(alert: Alert, *, identity: DroneIdentity, now_us: int) -> bytes:
    """The frame that acknowledges an alert: owed for every one, however late or often."""
    # A drone's clock may say anything: before 1970 is 1970.
    ack = AlertAck(alert_id=alert.alert_id, revision=alert.revision, received_time_us=max(0, now_us))
    frame = TelemetryFrame(drone_id=identity.drone_id, boot_id=identity.boot_id, alert_acks=[ack])
    return frame.SerializeToString()
