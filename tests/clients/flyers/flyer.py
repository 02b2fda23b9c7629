"""A drone in Python by the installed package: says on stdout what it handed over and what was acknowledged; "land" on stdin
ends it."""

import asyncio
import sys

import slipstream


def say(*words: object) -> None:
    """A line that is whole ends with a full stop."""
    print(*words, ".", flush=True)


def transport_of(edge: str, drone_id: str) -> slipstream.Transport | None:
    """None: a WebSocket."""
    if not edge.endswith("/mqtt"):
        return None
    from slipstream.mqtt import MqttTransport

    return MqttTransport(drone_id=drone_id)


async def main(edge: str, drone_id: str, outbox: str | None = None) -> None:
    landing = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), landing.set)
    async with slipstream.Drone(
        drone_id=drone_id,
        edges=[edge],
        outbox=outbox,
        transport=transport_of(edge, drone_id),
        on_acknowledged=lambda seqs: say("acknowledged", *seqs),
        on_lost=lambda seqs, reason: say("lost", reason, *seqs),
    ) as drone:
        say("boot", drone.boot_id)
        i = 0
        while not landing.is_set():
            i += 1
            seqs = drone.send(
                position={
                    "lat_e7": 470_000_000 + i * 200,
                    "lon_e7": 80_000_000,
                    "alt_msl_mm": 500_000,
                    "fix_type": 3,
                    "vn_cms": 300,
                },
                battery={"voltage_mv": 15_000, "remaining_cpct": 9000},
            )
            say("sent", *seqs)
            await asyncio.sleep(0.02)
        while drone.unacknowledged > 0:
            await asyncio.sleep(0.02)
    say("landed")


asyncio.run(main(*sys.argv[1:]))
