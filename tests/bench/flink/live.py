"""Tells when rows come, by a client that shares no code with ours.

live.py BROKER TOPIC...: prints each committed message as JSON: its topic, when it came (Unix ms) and its value. Until it is ended.
"""

import json
import sys
import time
import uuid

from confluent_kafka import OFFSET_END, Consumer, TopicPartition


def main(broker, *topics):
    consumer = Consumer({
        "bootstrap.servers": broker,
        "group.id": f"{uuid.uuid4()}",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "fetch.wait.max.ms": 20,
    })
    known = consumer.list_topics(timeout=10).topics
    consumer.assign([TopicPartition(topic, partition, OFFSET_END) for topic in topics for partition in known[topic].partitions])
    print("listening on topics", flush=True)
    while True:
        for message in consumer.consume(1000, timeout=0.02):
            if message.error() is None:
                came = {"topic": message.topic(), "ms": time.time() * 1000, "row": json.loads(message.value())}
                print(json.dumps(came), flush=True)


main(*sys.argv[1:])
