"""Reads all that is committed in one topic, by a client that shares no code with ours.

rows.py BROKER TOPIC: prints each message's value, which is JSON, on a line of its own; in the order of its partition.
"""

import sys
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

SILENT_S_MAX = 30
# It waits for so long for as many as are asked for, however few are left.
WAIT_S = 0.5


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
    left, silent_s = set(partitions), 0
    while left:
        got = consumer.consume(10_000, timeout=WAIT_S)
        silent_s = 0 if got else silent_s + WAIT_S
        if silent_s > SILENT_S_MAX:
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
