"""What pyulog (.ulg) or pymavlink (.bin) reads in a log, a line of JSON for each message; what is no number is null.

With a second file, pyulog writes there what it has read.
"""
import json
import math
import sys


def number(value):
    if isinstance(value, str) or hasattr(value, "tobytes") and not hasattr(value, "item"):
        return None
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def ulog(file, copy):
    from pyulog import ULog

    log = ULog(file)
    for data in log.data_list:
        for i in range(len(data.data["timestamp"])):
            yield data.name, data.multi_id, {name: number(column[i]) for name, column in data.data.items()}
    if copy:
        log.write_ulog(copy)


def dataflash(file):
    from pymavlink.DFReader import DFReader_binary

    log = DFReader_binary(file)
    while (message := log.recv_msg()) is not None:
        values = message.to_dict()
        yield values.pop("mavpackettype"), 0, {name: number(value) for name, value in values.items()}


file, copy = sys.argv[1], (sys.argv[2:] or [None])[0]
for name, instance, values in ulog(file, copy) if file.endswith(".ulg") else dataflash(file):
    print(json.dumps({"name": name, "instance": instance, "values": values}))
