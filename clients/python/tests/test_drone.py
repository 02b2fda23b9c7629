"""What a drone keeps, sends again, gives up and tells."""

import asyncio
import logging

import pytest
from rig import BOOT, PLACE, Rig, settle

from slipstream import EdgeRefusal, LossError
from slipstream.v1 import alert_pb2, downlink_pb2
from slipstream.v1.downlink_pb2 import Hello, SeqRange, Throttle


async def test_learns_when_its_records_are_on_disk_also_of_several_at_once() -> None:
    rig = Rig()
    async with rig.drone() as drone:
        rig.connection.accept()
        both = drone.send(position=PLACE) + drone.send(battery={})
        done = asyncio.create_task(drone.acknowledged(both))
        await settle()
        rig.connection.ack(1, 1)
        await settle()
        assert (done.done(), rig.acknowledged) == (False, [1])
        rig.connection.ack(2, 2)
        await done
        await drone.acknowledged(both)
        assert (rig.acknowledged, drone.unacknowledged) == ([1, 2], 0)


async def test_an_acknowledgement_of_another_boot_is_not_its_own() -> None:
    rig = Rig()
    async with rig.drone() as drone:
        rig.connection.accept()
        drone.send(position=PLACE)
        ranges = [SeqRange(first_seq=1, last_seq=1)]
        rig.connection.say(ack=downlink_pb2.Ack(boot_id=BOOT + 1, ranges=ranges))
        assert drone.unacknowledged == 1


async def test_learns_what_is_lost_whether_it_asked_before_or_asks_later() -> None:
    rig = Rig()
    async with rig.drone() as drone:
        rig.connection.accept()
        seqs = drone.send(position=PLACE)
        before = asyncio.create_task(drone.acknowledged(seqs))
        await settle()
        shed = [SeqRange(first_seq=1, last_seq=1)]
        reason = downlink_pb2.REFUSAL_REASON_SHED
        rig.connection.say(throttle=Throttle(boot_id=BOOT, reason=reason, shed=shed))
        with pytest.raises(LossError, match="Cannot have record 1 acknowledged: shed"):
            await before
        with pytest.raises(LossError):
            await drone.acknowledged(seqs)
        assert (rig.lost, drone.counters.lost) == (["shed [1]"], {"shed": 1})


async def test_keeps_so_many_records_and_learns_which_are_given_up() -> None:
    rig = Rig()
    async with rig.drone(records_max=2) as drone:
        for _ in range(4):
            drone.send(position=PLACE)
        await settle()
        assert (rig.lost, drone.unacknowledged) == (["crowded-out [1]", "crowded-out [2]"], 2)


async def test_sends_again_what_is_not_acknowledged_when_the_connection_is_lost() -> None:
    rig = Rig()
    async with rig.drone() as drone:
        rig.connection.accept()
        drone.send(position=PLACE)
        drone.send(position=PLACE)
        rig.connection.ack(1, 1)
        rig.connection.end(1006)
        await rig.machine.tick(500)
        rig.connection.accept()
        assert rig.connection.seqs == [[2]]
        assert drone.counters.reconnects == 1


async def test_waits_as_long_as_a_throttle_says_before_it_sends_again() -> None:
    rig = Rig()
    async with rig.drone() as drone:
        rig.connection.accept()
        drone.send(position=PLACE)
        refused = SeqRange(first_seq=1, last_seq=1)
        reason = downlink_pb2.REFUSAL_REASON_DRONE_RATE
        rig.connection.say(throttle=Throttle(boot_id=BOOT, reason=reason, refused=refused, retry_after_ms=3000))
        await rig.machine.tick(2999)
        assert rig.connection.seqs == [[1]]
        await rig.machine.tick(1)
        assert rig.connection.seqs == [[1], [1]]


async def test_sends_frames_no_longer_than_the_edge_takes() -> None:
    rig = Rig()
    async with rig.drone() as drone:
        for _ in range(5):
            drone.send(position=PLACE)
        rig.connection.accept()
        assert rig.connection.seqs == [[1, 2, 3, 4, 5]]
        rig.connection.say(hello=Hello(frame_bytes_max=65_536, frame_records_max=2))
        rig.connection.end(1006)
        await rig.machine.tick(500)
        rig.connection.accept()
        await rig.machine.tick(1000)
        assert rig.connection.seqs == [[4, 5], [1, 2], [3]]


async def test_backs_off_by_a_random_part_of_a_growing_wait() -> None:
    rig = Rig()
    async with rig.drone():
        waits: list[float] = []
        for _ in range(8):
            count, before_ms = len(rig.connections), rig.machine.ms
            rig.connection.end(1006)
            while len(rig.connections) == count:
                await rig.machine.tick(250)
            waits.append(rig.machine.ms - before_ms)
        assert waits == [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]


async def test_takes_an_edge_that_owes_an_answer_and_says_nothing_for_dead() -> None:
    rig = Rig()
    async with rig.drone() as drone:
        rig.connection.accept()
        rig.connection.say(hello=Hello())
        await rig.machine.tick(60_000)
        assert len(rig.connections) == 1
        drone.send(position=PLACE)
        await rig.machine.tick(10_000)
        assert (rig.connections[0].is_over, drone.connected) == (True, False)


async def test_is_told_of_an_alert_once_and_acknowledges_each() -> None:
    rig = Rig()
    async with rig.drone():
        rig.connection.accept()
        alert = alert_pb2.Alert(
            alert_id=7, revision=1, kind="ALERT_KIND_CONFLICT", severity="ALERT_SEVERITY_WARNING", drone_ids=["d", "e"]
        )
        for _ in range(3):
            rig.connection.say(alert=alert)
        alert.revision = 2
        alert.severity = alert_pb2.ALERT_SEVERITY_CRITICAL
        rig.connection.say(alert=alert)
        await settle()
        acks = [(ack.alert_id, ack.revision) for frame in rig.connection.sent for ack in frame.alert_acks]
        assert acks == [(7, 1), (7, 1), (7, 1), (7, 2)]
        assert [told.revision for told in rig.alerts] == [1, 2]


async def test_is_told_why_it_is_not_connected_and_by_which_setting() -> None:
    rig = Rig()
    async with rig.drone():
        rig.connection.end(403, said="Cannot let you do that")
        await rig.machine.tick(500)
        rig.connection.accept()
        rig.connection.end(4005, said="upgrade the edge")
        await settle()
    refusals = [problem for problem in rig.problems if isinstance(problem, EdgeRefusal)]
    assert [(refusal.code, refusal.field) for refusal in refusals] == [(403, "token"), (4005, "version")]
    assert "(403, see token)" in str(refusals[0]) and str(refusals[0]).endswith("Cannot let you do that")


async def test_leaves_an_edge_alone_for_as_long_as_it_asks_and_not_for_ever() -> None:
    rig = Rig()
    async with rig.drone():
        rig.connection.end(429, retry_after_ms=10_000)
        await rig.machine.tick(9999)
        assert len(rig.connections) == 1
        await rig.machine.tick(300)
        assert len(rig.connections) == 2
        rig.connection.end(503, retry_after_ms=1e9)
        await rig.machine.tick(61_000)
        assert len(rig.connections) == 3


async def test_logs_problems_that_nobody_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    with caplog.at_level(logging.WARNING, logger="slipstream"):
        async with rig.drone(on_problem=None):
            rig.connection.end(401)
    assert "(401, see token)" in caplog.text


async def test_goes_on_when_a_callback_of_its_own_throws() -> None:
    rig = Rig()
    thrown: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: thrown.append(str(context["exception"])))

    def fail(_: list[int]) -> None:
        raise RuntimeError("its own")

    async with rig.drone(on_acknowledged=fail) as drone:
        rig.connection.accept()
        seqs = drone.send(position=PLACE)
        rig.connection.ack(1, 1)
        await drone.acknowledged(seqs)
        await settle()
        assert (thrown, drone.unacknowledged) == (["its own"], 0)


async def test_whoever_waits_when_it_is_closed_is_told() -> None:
    rig = Rig()
    async with rig.drone() as drone:
        waiting = asyncio.create_task(drone.acknowledged(drone.send(position=PLACE)))
        await settle()
    with pytest.raises(ConnectionError, match="the drone is closed"):
        await waiting
