"""Where records are kept for the drone's software that comes after this one, should this one be killed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .v1.telemetry_pb2 import Telemetry


@dataclass(frozen=True)
class KeptRecords:
    """What was found of an earlier life of the drone's software."""

    boot_id: int
    last_seq: int
    """The last number that was given."""
    records: list[Telemetry]
    """Not acknowledged yet, oldest first."""


class RecordStore(Protocol):
    def open(self, drone_id: str, *, boot_id: int) -> KeptRecords:
        """Once, before anything else; `boot_id` if nothing is kept yet. Raises OSError or FieldError: it cannot be read."""

    def put(self, records: Sequence[Telemetry]) -> None:
        """Before they are sent. Raises OSError when it cannot be written: they are kept with the next that can."""

    def forget(self, seqs: Sequence[int]) -> None:
        """Acknowledged, or lost. Raises OSError when it cannot be written: they may be sent again after a restart."""

    def close(self) -> None: ...


class NoStore:
    """Keeps nothing beyond this process: a drone starts a new boot each time."""

    def open(self, drone_id: str, *, boot_id: int) -> KeptRecords:
        return KeptRecords(boot_id=boot_id, last_seq=0, records=[])

    def put(self, records: Sequence[Telemetry]) -> None:
        pass

    def forget(self, seqs: Sequence[int]) -> None:
        pass

    def close(self) -> None:
        pass
