"""What pymavlink reads in the frames on its standard input, a line of JSON each; with a key (in hexadecimal), those signed."""
import json
import os
import sys

os.environ["MAVLINK20"] = "1"
from pymavlink.dialects.v20 import ardupilotmega as m

parser = m.MAVLink(None)
if len(sys.argv) > 1:
    parser.signing.secret_key = bytes.fromhex(sys.argv[1])
    # Streams begin at any time; 2015 is the beginning of all.
    parser.signing.timestamp = 1
for message in parser.parse_buffer(sys.stdin.buffer.read()) or []:
    fields = {name: value for name, value in message.to_dict().items()}
    signed = message.get_signed()
    print(json.dumps(dict(**fields, system=message.get_srcSystem(), component=message.get_srcComponent(), signed=signed)))
