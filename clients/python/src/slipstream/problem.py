"""What goes wrong, said so that whoever reads it knows which field to change."""

from __future__ import annotations

NORMAL = 1000
ABNORMAL = 1006
_MEANINGS: dict[int, tuple[str, str]] = {
    400: ("edges", "that is no telemetry socket of an edge"),
    401: ("token", "the edge does not believe who this is"),
    403: ("token", "the edge knows who this is, and does not let it send telemetry"),
    404: ("edges", "there is no telemetry socket at that path"),
    421: ("edges", "the edge does not go by that name"),
    429: ("token", "too many attempts have failed: the edge looks at no more for now"),
    503: ("edges", "the edge has no room, or is overloaded"),
    1001: ("edges", "the edge is stopping"),
    ABNORMAL: ("edges", "it is not reached, or the connection broke"),
    1008: ("drone_id", "what was sent is against the edge's rules"),
    1009: ("records", "a frame was too long"),
    4004: ("token", "the proof of who this is has ended, or was revoked"),
    4005: ("version", "this client and the edge do not work together: upgrade one"),
}


class FieldError(ValueError):
    """Something that was handed in cannot be used: nothing was taken."""

    def __init__(self, field: str, why: str, *, value: object = None) -> None:
        shown = "" if value is None else f" ({value!r})"
        super().__init__(f"Cannot use {field}{shown}: {why}")
        self.field = field
        """Such as "position.lat_e7"."""


class EdgeRefusal(Exception):
    """An edge that does not take the connection, or ended it. The client goes on trying."""

    def __init__(self, edge: str, *, code: int, said: str = "") -> None:
        field, means = _MEANINGS.get(code, ("edges", "the edge does not take the connection"))
        what = f"{means}: {said}" if said else means
        super().__init__(f"Cannot be connected to {edge} ({code}, see {field}): {what}")
        self.edge = edge
        self.code = code
        """An HTTP status, or a close code of the WebSocket; 1006: not reached, or the connection broke."""
        self.field = field
        """The setting that it is about."""


class LossError(Exception):
    """Records that will never be acknowledged."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"Cannot have record {seq} acknowledged: {reason}")
        self.seq = seq
        """Of them the first."""
