"""What becomes of records that an edge cannot read, refuses, or never had."""

from rig import BOOT, PLACE, Rig

from slipstream.outbox import Outbox
from slipstream.v1 import downlink_pb2
from slipstream.v1.downlink_pb2 import FrameFault, Heartbeat, SeqRange, Throttle
from slipstream.v1.telemetry_pb2 import Telemetry


def filled(*seqs: int) -> Outbox:
    outbox = Outbox()
    outbox.take([Telemetry(seq=seq) for seq in seqs])
    return outbox


def seqs_of(records: list[Telemetry]) -> list[int]:
    return [record.seq for record in records]


def test_has_the_newest_first_after_another_connection_and_the_rest_in_order() -> None:
    outbox = filled(1, 2, 3, 4)
    outbox.sent(outbox.newest(2), 0)
    assert (outbox.in_flight, outbox.backlog) == (2, 2)
    outbox.restart()
    assert seqs_of(outbox.newest(3)) == [2, 3, 4]
    assert seqs_of(outbox.oldest(9)) == [1]


def test_forgets_whatever_was_sent_and_never_what_was_not() -> None:
    outbox = filled(1, 2, 3)
    records = outbox.newest(9)
    outbox.sent(records[:2], 5)
    outbox.recall(1, 1)
    assert outbox.forget(0, 2**32 - 1) == ([2, 1], 5)
    assert len(outbox) == 1


def test_parks_what_is_too_long_until_another_limit_holds() -> None:
    outbox = filled(1, 2)
    outbox.park(outbox.newest(1))
    assert (seqs_of(outbox.oldest(9)), len(outbox)) == ([1], 2)
    outbox.unpark()
    assert seqs_of(outbox.oldest(9)) == [1, 2]


def test_gives_up_what_has_waited_for_longest() -> None:
    outbox = filled(1, 2, 3, 4)
    outbox.sent(outbox.newest(2), 0)
    assert (outbox.give_up(3), outbox.give_up(3)) == ([1, 2, 3], [4])


async def test_a_record_that_cannot_be_read_is_sent_alone_three_times_and_given_up() -> None:
    rig = Rig()
    async with rig.drone() as drone:
        rig.connection.accept()
        drone.send(position=PLACE, battery={})
        for _ in range(4):
            rig.connection.say(frame_fault=FrameFault(reason="damaged", frames=1))
            await rig.machine.tick(5000)
            rig.connection.say(heartbeat=Heartbeat(waiting_ms=0))
            await rig.machine.tick(2000)
        assert rig.lost == ["unreadable [1, 2]"]
        assert rig.connection.seqs == [[1, 2]] + [[1], [2]] * 3
        assert (drone.unacknowledged, drone.counters.faults) == (0, 4)


async def test_smaller_frames_go_where_longer_ones_never_pass() -> None:
    rig = Rig()
    async with rig.drone() as drone:
        rig.connection.accept()
        drone.send(position=PLACE, battery={}, obstacles={})
        refused = SeqRange(first_seq=1, last_seq=3)
        reason = downlink_pb2.REFUSAL_REASON_FRAME_TOO_LARGE
        rig.connection.say(throttle=Throttle(boot_id=BOOT, reason=reason, refused=refused, frame_records_max=2))
        await rig.machine.tick(1000)
        assert rig.connection.seqs == [[1, 2, 3], [1, 2], [3]]
