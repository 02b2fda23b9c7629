"""Which of several edges a drone is connected to."""

from rig import FakeConnection, Rig, settle

from slipstream.v1.downlink_pb2 import Heartbeat, Hello

EDGES = ["ws://far/v1/telemetry", "ws://near/v1/telemetry", "ws://gone/v1/telemetry"]


async def answered(rig: Rig) -> FakeConnection:
    """The near one says hello after 20 ms, the far one after 100, and one does not at all."""
    far, near, gone = rig.connections[-3:]
    await rig.machine.tick(20)
    for connection in (far, near):
        connection.accept()
    near.say(hello=Hello())
    gone.end(1006)
    await rig.machine.tick(80)
    far.say(hello=Hello())
    await rig.machine.tick(1)
    rig.connection.accept()
    return rig.connection


async def test_is_the_nearest_that_answers() -> None:
    rig = Rig()
    async with rig.drone(edges=EDGES) as drone:
        await answered(rig)
        assert (drone.edge, [connection.is_over for connection in rig.connections]) == (EDGES[1], [True] * 3 + [False])


async def test_is_another_one_when_that_is_lost() -> None:
    rig = Rig()
    async with rig.drone(edges=EDGES) as drone:
        near = await answered(rig)
        near.end(1006)
        await rig.machine.tick(500)
        rig.connection.accept()
        assert drone.edge == EDGES[0]


async def test_is_left_for_another_one_before_it_stops() -> None:
    rig = Rig()
    async with rig.drone(edges=EDGES) as drone:
        near = await answered(rig)
        near.say(heartbeat=Heartbeat(stopping=True))
        await rig.machine.tick(250)
        assert near.is_open
        rig.connection.accept()
        assert (drone.edge, near.is_over) == (EDGES[0], True)


async def test_is_measured_again_soon_when_it_is_cut_off() -> None:
    rig = Rig()
    async with rig.drone(edges=EDGES) as drone:
        near = await answered(rig)
        near.say(heartbeat=Heartbeat(cut_off=True))
        count = len(rig.connections)
        await rig.machine.tick(20_000)
        assert len(rig.connections) == count + 3
        far, again, gone = rig.connections[-3:]
        for connection, cut_off in ((far, False), (again, True)):
            connection.accept()
            connection.say(hello=Hello(cut_off=cut_off))
        gone.end(1006)
        await settle()
        rig.connection.accept()
        assert drone.edge == EDGES[0]
