"""Writes to a topic in transactions, by a client that is not ours.

transactions.py BROKER TOPIC: two producers write by turns, each message on its own number; every third transaction is given up, and one
is neither, in the end. Prints the numbers that are committed.
"""

import json
import sys

from confluent_kafka import Producer

TRANSACTIONS = 12
MESSAGES = 5


def main(broker, topic):
    producers = [
        Producer({"bootstrap.servers": broker, "transactional.id": f"writer-{i}", "linger.ms": 0}) for i in range(2)
    ]
    for producer in producers:
        producer.init_transactions()
    committed, number = [], 0
    # Both have one open at a time: their messages alternate within a partition.
    for transaction in range(TRANSACTIONS):
        for producer in producers:
            producer.begin_transaction()
        numbers = [[], []]
        for _ in range(MESSAGES):
            for mine, producer in zip(numbers, producers):
                number += 1
                mine.append(number)
                producer.produce(topic, json.dumps({"number": number}), partition=0)
                producer.flush()
        for i, (mine, producer) in enumerate(zip(numbers, producers)):
            if (transaction + i) % 3 == 0:
                producer.abort_transaction()
            else:
                producer.commit_transaction()
                committed += mine
    producers[0].begin_transaction()
    producers[0].produce(topic, json.dumps({"number": 0}), partition=0)
    producers[0].flush()
    print(json.dumps(sorted(committed)))


main(*sys.argv[1:])
