"""Records on disk outlive the drone's software."""

from pathlib import Path

import pytest
from rig import PLACE, Rig, settle

from slipstream import FieldError
from slipstream.file_store import FileStore
from slipstream.v1.telemetry_pb2 import Telemetry


def records(*seqs: int) -> list[Telemetry]:
    return [Telemetry(seq=seq, battery={}) for seq in seqs]


def reopened(file: Path, drone_id: str = "d") -> tuple[int, int, list[int]]:
    kept = FileStore(file).open(drone_id, boot_id=7)
    return kept.boot_id, kept.last_seq, [record.seq for record in kept.records]


def test_has_after_a_restart_what_was_not_acknowledged_and_never_gives_a_number_twice(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    store = FileStore(file)
    assert store.open("d", boot_id=6).records == []
    store.put(records(1, 2, 3))
    store.put(records(4))
    store.forget([4, 1])
    assert reopened(file) == (6, 4, [2, 3])
    again = FileStore(file)
    again.open("d", boot_id=7)
    again.forget([2, 3])
    assert reopened(file) == reopened(file) == (6, 4, [])


async def test_is_sent_by_the_next_life_of_the_software_which_goes_on_with_the_next_number(tmp_path: Path) -> None:
    rig = Rig()
    async with rig.drone(outbox=tmp_path / "outbox") as drone:
        drone.send(position=PLACE)
    async with rig.drone(outbox=tmp_path / "outbox") as drone:
        assert drone.send(position=PLACE) == [2]
        rig.connection.accept()
        assert rig.connection.seqs == [[1, 2]]
        rig.connection.ack(1, 2)
        await settle()
    assert (rig.acknowledged, reopened(tmp_path / "outbox")[2]) == ([1, 2], [])


def test_has_all_lines_but_the_one_that_was_being_written_when_the_process_died(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    store = FileStore(file)
    store.open("d", boot_id=7)
    store.put(records(1, 2))
    text = file.read_text()
    for length in range(text.index("\n") + 1, len(text)):
        file.write_text(text[:length])
        whole = text[:length].count("\n") - 1
        assert reopened(file)[2] == list(range(1, whole + 1))


def test_says_what_it_cannot_read_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    store = FileStore(file)
    store.open("d", boot_id=7)
    store.put(records(1, 2))
    text = file.read_text()
    with pytest.raises(FieldError, match='is that of "d"'):
        reopened(file, "other")
    for damaged in (text.replace("+ 1", "* 1"), text.replace("+ 1 ", "+ one "), text.replace("+ 1 ", "+ 1 %")):
        file.write_text(damaged)
        with pytest.raises(FieldError, match="line 2 of"):
            reopened(file)
    file.write_text("something else\n")
    with pytest.raises(FieldError, match="is no outbox"):
        reopened(file)
    assert file.read_text() == "something else\n"


def test_stays_short_however_much_goes_through_it(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    store = FileStore(file)
    store.open("d", boot_id=7)
    for seq in range(1, 20_001):
        store.put(records(seq))
        store.forget([seq])
    assert file.read_text().count("\n") < 4200
    assert reopened(file)[1] == 20_000


async def test_is_written_anew_once_it_can_be_when_it_could_not_be_for_a_while_and_that_is_told(tmp_path: Path) -> None:
    rig = Rig()
    folder = tmp_path / "folder"
    folder.mkdir()
    async with rig.drone(outbox=folder / "outbox", records_max=2) as drone:
        drone.send(position=PLACE)
        (folder / "outbox").unlink()
        folder.rmdir()
        # Each takes the place of the oldest: the file grows until it is written anew, which is not possible.
        while not rig.problems:
            drone.send(position=PLACE)
            await settle()
        assert str(rig.problems[0]).startswith("Cannot keep records in the outbox: ")
        folder.mkdir()
        (last,) = drone.send(position=PLACE)
    assert reopened(folder / "outbox")[1:] == (last, [last - 1, last])
