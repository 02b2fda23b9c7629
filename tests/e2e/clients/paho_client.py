# A drone by Eclipse Paho (PyPI: paho-mqtt): publishes the lines of its input as frames, until it has heard a warning, which
# it prints.
import sys
import threading
import time

import paho.mqtt.client as mqtt

port, drone_id = int(sys.argv[1]), sys.argv[2]
warned = threading.Event()


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(f"fleet/{drone_id}/alerts/json", qos=1)


def on_message(client, userdata, message):
    if not warned.is_set():
        print(message.payload.decode(), flush=True)
    warned.set()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=drone_id, protocol=mqtt.MQTTv5)
client.on_connect = on_connect
client.on_message = on_message
client.connect("127.0.0.1", port)
client.loop_start()
for line in sys.stdin:
    info = client.publish(f"fleet/{drone_id}/telemetry/json", line.strip(), qos=1)
    info.wait_for_publish(timeout=10)
    if not info.is_published():
        sys.exit("Cannot go on: a frame was not acknowledged")
    if warned.wait(timeout=0.2):
        break
client.loop_stop()
sys.exit(0 if warned.is_set() else "Cannot go on: no warning came")
