// Remote ID as it is sent over the air (ASTM F3411-22a, messages of 25 bytes), packed into OPEN_DRONE_ID_MESSAGE_PACK.
import { airborneOf, altitudeOf, isPlace, type RemoteIdentity, type RemoteLocation, text } from "./traffic.ts";

/** Where the pack's payload says how long and how many its messages are, and has them. */
const PACK = { messageBytes: 22, messages: 23, first: 24 } as const;
const MESSAGE_BYTES = 25;
const MESSAGES_MAX = 9;
/** Kinds of messages, in the upper 4 bits of each one's first byte. */
const BASIC_ID = 0;
const LOCATION = 1;
/** Bits of a location's flags. */
const LocationFlag = { speedTimesThree: 1, west: 2 } as const;
/** What stands for an unknown number. */
const Unknown = { trackDeg: 361, speedMs: 255, climb: 126 } as const;

/** The last of each kind that the pack has. */
export function readPack(payload: DataView<ArrayBuffer>): {
  identity: RemoteIdentity | null;
  location: RemoteLocation | null;
} {
  let identity: RemoteIdentity | null = null;
  let location: RemoteLocation | null = null;
  const messages = payload.getUint8(PACK.messageBytes) === MESSAGE_BYTES ? payload.getUint8(PACK.messages) : 0;
  for (let i = 0; i < Math.min(messages, MESSAGES_MAX); i++) {
    const at = payload.byteOffset + PACK.first + i * MESSAGE_BYTES;
    const message = new DataView(payload.buffer, at, MESSAGE_BYTES);
    const kind = message.getUint8(0) >> 4;
    if (kind === BASIC_ID) {
      identity = { name: text(message, { at: 2, length: 20 }), category: message.getUint8(1) & 15 };
    } else if (kind === LOCATION) location = readLocation(message);
  }
  return { identity, location };
}

function readLocation(message: DataView<ArrayBuffer>): RemoteLocation | null {
  const [latE7, lonE7] = [message.getInt32(5, true), message.getInt32(9, true)];
  if (!isPlace(latE7, lonE7)) return null;
  const flags = message.getUint8(1);
  const trackDeg = message.getUint8(2) + ((flags & LocationFlag.west) !== 0 ? 180 : 0);
  const speed = message.getUint8(3);
  const speedMs = (flags & LocationFlag.speedTimesThree) !== 0 ? speed * 0.75 + 63.75 : speed * 0.25;
  const climb = message.getInt8(4);
  return {
    latE7,
    lonE7,
    altitude: altitudeOf({
      ellipsoidM: message.getUint16(15, true) / 2 - 1000,
      pressureM: message.getUint16(13, true) / 2 - 1000,
    }),
    trackCdeg: trackDeg < Unknown.trackDeg ? (trackDeg % 360) * 100 : null,
    speedCms: speedMs < Unknown.speedMs ? Math.round(speedMs * 100) : null,
    // Halves of a metre a second.
    climbCms: climb < Unknown.climb ? climb * 50 : null,
    airborne: airborneOf(flags >> 4),
  };
}
