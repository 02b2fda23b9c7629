"""Reads all that is in the topics of one prefix, by a client that shares no code with the sink.

consume.py BROKER PREFIX: prints one JSON object: of each topic its messages, those that came twice by their place in the journal,
those out of that order within a partition; and the records of telemetry, as DRONE/BOOT/SEQ.
"""

import collections
import json
import sys
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

SILENT_S_MAX = 20


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """The fields of a protobuf message, by number: integers of varints, bytes of everything else."""
    found, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            found[number], at = varint(data, at)
            continue
        length, at = varint(data, at) if wire == 2 else ({1: 8, 5: 4}[wire], at)
        found[number], at = data[at : at + length], at + length
    return found


def messages(consumer, topic):
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    left = 0
    for partition in partitions:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
        left += high - low
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    while left > 0:
        got = consumer.consume(min(left, 10_000), timeout=SILENT_S_MAX)
        if not got:
            raise SystemExit(f"Cannot read {topic}: {left} messages do not come")
        left -= len(got)
        yield from got


def main(broker, prefix):
    settings = {"bootstrap.servers": broker, "group.id": f"{uuid.uuid4()}", "enable.auto.commit": False}
    consumer = Consumer(settings)
    topics, records = {}, collections.Counter()
    there = consumer.list_topics(timeout=10).topics
    for kind in ("telemetry", "metrics", "alerts", "losses", "metrics-partial"):
        if f"{prefix}-{kind}" not in there:
            continue
        places, last, disorder = collections.Counter(), {}, 0
        for message in messages(consumer, f"{prefix}-{kind}"):
            headers = dict(message.headers())
            index, ordinal = headers["position"].decode().split("/")
            place = (int(index), int(ordinal))
            places[(headers["journal"], place)] += 1
            disorder += place <= last.get(message.partition(), (0, -1))
            last[message.partition()] = place
            if kind == "telemetry":
                record = fields(message.value())
                records[f"{record[3].decode()}/{record.get(4, 0)}/{record[5]}"] += 1
        total = sum(places.values())
        topics[kind] = {"messages": total, "doubled": total - len(places), "disorder": disorder}
    consumer.close()
    print(json.dumps({"topics": topics, "records": sorted(records), "counted": sum(records.values())}))


main(*sys.argv[1:])
