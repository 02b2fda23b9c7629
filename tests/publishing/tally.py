"""What a client that shares no code with a sink finds: messages by topic, those that came twice or out of order by their place in the
journal, and the records of telemetry, whose protobuf is read by hand."""

import collections
import json

KINDS = ("telemetry", "metrics", "alerts", "losses")


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


class Tally:
    def __init__(self):
        self.places = {kind: collections.Counter() for kind in KINDS}
        self.last = {}
        self.disorder = collections.Counter()
        self.records = collections.Counter()
        self.names = set()

    def take(self, kind, *, partition=0, name, journal, position, value):
        """A message of that kind, as it comes; `name`: the topic or subject."""
        index, ordinal = position.split("/")
        place = (int(index), int(ordinal))
        first = self.places[kind][(journal, place)] == 0
        self.places[kind][(journal, place)] += 1
        # What comes again is no disorder, wherever it comes.
        if first:
            self.disorder[kind] += place <= self.last.get((kind, partition), (0, -1))
            self.last[(kind, partition)] = place
        self.names.add(name)
        if kind == "telemetry":
            record = fields(value)
            self.records[f"{record[3].decode()}/{record.get(4, 0)}/{record[5]}"] += 1

    def json(self):
        """`records`: distinct ones, as DRONE/BOOT/SEQ; `counted`: all."""
        topics = {}
        for kind in KINDS:
            total = sum(self.places[kind].values())
            doubled = total - len(self.places[kind])
            topics[kind] = {"messages": total, "doubled": doubled, "disorder": self.disorder[kind]}
        counted = sum(self.records.values())
        found = {"topics": topics, "records": sorted(self.records), "counted": counted, "names": sorted(self.names)}
        return json.dumps(found)
