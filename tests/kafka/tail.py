"""Reads a topic as messages come, by a client that shares no code with the sink.

tail.py BROKER TOPIC: prints a line for each message once it is here: Unix us, a tab, its value, which is JSON. Ends when its input does.
"""

import sys
import threading
import time
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

ended = threading.Event()


def wait_for_end():
    sys.stdin.read()
    ended.set()


def main(broker, topic):
    threading.Thread(target=wait_for_end, daemon=True).start()
    consumer = Consumer({
        "bootstrap.servers": broker,
        "group.id": f"{uuid.uuid4()}",
        "enable.auto.commit": False,
        "fetch.wait.max.ms": 10,
    })
    partitions = {}
    while not partitions and not ended.is_set():
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        time.sleep(0.1)
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    lines = []
    while not ended.is_set():
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            lines.append(f"{time.time_ns() // 1000}\t{message.value().decode()}\n")
    consumer.close()
    # Written at the end: what is measured waits for no reader.
    sys.stdout.writelines(lines)


main(*sys.argv[1:])
