"""Reads all that is committed in one topic, by a client that shares no code with ours.

rows.py BROKER TOPIC: prints each message's value, which is JSON, on a line of its own; in the order of its partition.
"""

import sys
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

SILENT_S_MAX = 30
POLL_S = 0.5


def main(broker, topic):
    consumer = Consumer({
        "bootstrap.servers": broker,
        "group.id": f"{uuid.uuid4()}",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
    })
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    # Where a transaction ends a partition, its last offset is no message.
    left = set(partitions)
    silent_s = 0
    while left:
        # It waits for so many, or for so long.
        got = consumer.consume(10_000, timeout=POLL_S)
        silent_s = 0 if got else silent_s + POLL_S
        if silent_s >= SILENT_S_MAX:
            raise SystemExit(f"Cannot read {topic}: partitions {sorted(left)} do not come to an end")
        for message in got:
            if message.error() is None:
                sys.stdout.write(message.value().decode() + "\n")
            elif message.error().code() == KafkaError._PARTITION_EOF:
                left.discard(message.partition())
            else:
                raise SystemExit(f"Cannot read {topic}: {message.error()}")
    consumer.close()


main(*sys.argv[1:])
