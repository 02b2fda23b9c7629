"""Reads all that is in the streams of one prefix, by a client that shares no code with the sink.

consume.py SERVER PREFIX: prints what tally.py found.
"""

import asyncio
import sys

import nats
from tally import KINDS, Tally

SILENT_S_MAX = 20


async def main(server, prefix):
    connection = await nats.connect(f"nats://{server}")
    stream = connection.jetstream()
    tally = Tally()
    for kind in KINDS:
        left = (await stream.stream_info(f"{prefix}-{kind}")).state.messages
        subscription = await stream.pull_subscribe(f"{prefix}.{kind}.>", stream=f"{prefix}-{kind}")
        while left > 0:
            for message in await subscription.fetch(min(left, 1000), timeout=SILENT_S_MAX):
                headers = message.headers
                where = {"name": message.subject, "journal": headers["journal"], "position": headers["position"]}
                tally.take(kind, **where, value=message.data)
                await message.ack()
                left -= 1
    await connection.close()
    print(tally.json())


asyncio.run(main(*sys.argv[1:]))
