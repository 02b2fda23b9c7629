"""Records in a file of lines: a header, "+ seq record" for each that is kept, "- first last" for those that are not any
more. Lines are appended; what has grown is written anew, beside, and put in its place. It outlives the process; of the
machine's last seconds before a power cut lines may be missing. The TypeScript client reads the same file."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from google.protobuf.message import DecodeError

from .problem import FieldError
from .record_store import KeptRecords
from .v1.telemetry_pb2 import Telemetry

_FORMAT = "slipstream-outbox 1"
_SPARE_LINES_MAX = 4096
"""Lines beyond those of what is kept before the file is written anew."""


class FileStore:
    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        # Of each record that is kept, its line; in the order of the file.
        self._kept: dict[int, str] = {}
        self._drone_id = ""
        self._boot_id = 0
        self._last_seq = 0
        self._file: int | None = None
        self._lines = 0

    def open(self, drone_id: str, *, boot_id: int) -> KeptRecords:
        self._drone_id = drone_id
        self._boot_id = boot_id
        records = self._read()
        self._rewrite()
        return KeptRecords(self._boot_id, self._last_seq, records)

    def put(self, records: Sequence[Telemetry]) -> None:
        for record in records:
            text = base64.b64encode(record.SerializeToString()).decode()
            self._kept[record.seq] = f"+ {record.seq} {text}\n"
            self._last_seq = max(self._last_seq, record.seq)
        self._append([self._kept[record.seq] for record in records])

    def forget(self, seqs: Sequence[int]) -> None:
        own = [seq for seq in seqs if self._kept.pop(seq, None) is not None]
        self._append([f"- {first} {last}\n" for first, last in _ranges_of(own)])

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _read(self) -> list[Telemetry]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        if text == "":
            return []
        # Behind the last end of a line stands what was being written when the process died.
        header, *lines = text[: text.rfind("\n") + 1].split("\n")[:-1] or [""]
        found = re.fullmatch(rf'{_FORMAT} (\d+) (\d+) (".*")', header)
        if found is None:
            raise FieldError("outbox", f"{self._path} is no outbox")
        if json.loads(found[3]) != self._drone_id:
            raise FieldError("outbox", f"{self._path} is that of {found[3]}")
        self._boot_id, self._last_seq = int(found[1]), int(found[2])
        records: dict[int, Telemetry] = {}
        for number, line in enumerate(lines, start=2):
            try:
                self._replay(line, records)
            except (ValueError, DecodeError) as error:
                raise FieldError("outbox", f"line {number} of {self._path} is damaged") from error
        return list(records.values())

    def _replay(self, line: str, records: dict[int, Telemetry]) -> None:
        sign, first, second = line.split(" ")
        seq = int(first)
        if sign == "+":
            records[seq] = Telemetry.FromString(base64.b64decode(second, validate=True))
            self._kept[seq] = f"{line}\n"
            self._last_seq = max(self._last_seq, seq)
        elif sign == "-":
            for forgotten in [kept for kept in records if seq <= kept <= int(second)]:
                del records[forgotten]
                del self._kept[forgotten]
        else:
            raise ValueError(f"Cannot read {line}: it begins with neither + nor -")

    def _append(self, lines: Sequence[str]) -> None:
        if not lines:
            return
        # A write that failed may have left half a line: everything is written anew then.
        if self._file is None or self._lines > len(self._kept) + _SPARE_LINES_MAX:
            return self._rewrite()
        try:
            _write_all(self._file, lines)
        except OSError:
            self.close()
            raise
        self._lines += len(lines)

    def _rewrite(self) -> None:
        self.close()
        beside = self._path.with_name(f"{self._path.name}.new")
        # As JavaScript writes it: both read the other's.
        name = json.dumps(self._drone_id, ensure_ascii=False)
        header = f"{_FORMAT} {self._boot_id} {self._last_seq} {name}\n"
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            _write_all(file, [header, *self._kept.values()])
            os.replace(beside, self._path)
        except OSError:
            os.close(file)
            raise
        self._file = file
        self._lines = len(self._kept)


def _write_all(file: int, lines: Iterable[str]) -> None:
    rest = memoryview("".join(lines).encode())
    while rest:
        rest = rest[os.write(file, rest) :]


def _ranges_of(seqs: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of numbers that follow each other."""
    ranges: list[tuple[int, int]] = []
    for seq in sorted(seqs):
        if ranges and ranges[-1][1] == seq - 1:
            ranges[-1] = (ranges[-1][0], seq)
        else:
            ranges.append((seq, seq))
    return ranges
