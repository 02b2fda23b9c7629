"""Hears what is published under a prefix, by a client that shares no code with the sink and whose subscription outlives connections.

hear.py PORT PREFIX: says "ready" on a line once it is subscribed; and once PREFIX/end has come, what tally.py found.
"""

import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from tally import Tally

RECONNECT_S = 1
SESSION_S = 3600


def main(port, prefix):
    tally = Tally()
    ready, over = threading.Event(), threading.Event()

    def on_message(client, userdata, message):
        if message.topic == f"{prefix}/end":
            return over.set()
        properties = dict(message.properties.UserProperty)
        where = {"name": message.topic, "journal": properties["journal"], "position": properties["position"]}
        tally.take(message.topic.split("/")[1], **where, value=message.payload)

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="hearer", protocol=mqtt.MQTTv5)
    client.on_connect = lambda *_: client.subscribe(f"{prefix}/#", qos=1)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = on_message
    client.reconnect_delay_set(RECONNECT_S, RECONNECT_S)
    session = Properties(PacketTypes.CONNECT)
    session.SessionExpiryInterval = SESSION_S
    client.connect("127.0.0.1", int(port), clean_start=False, properties=session)
    client.loop_start()
    ready.wait()
    print("ready", flush=True)
    over.wait()
    client.disconnect()
    client.loop_stop()
    print(tally.json())


main(*sys.argv[1:])
