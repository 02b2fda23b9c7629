// What the contract means and protobuf cannot say: subprotocols, close codes, presence bits, limits. The hot path's own
// constants are compared with these by a test.

/** WebSocket subprotocols: drones offer the first at `/v1/telemetry`, edges the second at `/v1/uplink`. */
export const TELEMETRY_SUBPROTOCOL = "slipstream.v1";
export const UPLINK_SUBPROTOCOL = "slipstream.uplink.v1";
/** Offered at `/v1/telemetry` instead of the first: the same messages, as text. */
export const JSON_SUBPROTOCOL = "slipstream.json.v1";
/** Offered at `/mqtt` (MQTT 5, §6). */
export const MQTT_SUBPROTOCOL = "mqtt";
/** May be offered at `/v1/mavlink`. */
export const MAVLINK_SUBPROTOCOL = "mavlink";
/** Offered beside the first with a token behind it, by browsers, which can give a WebSocket no header; never chosen. */
export const TOKEN_SUBPROTOCOL_PREFIX = "slipstream.token.";
/**
 * Ids that begin so are of drones which nobody flies: whoever checks a running system has them warned of each other. They
 * are of this fleet and zone, unless an entry in KV says something else.
 */
export const PROBE_PREFIX = "doctor-";
export const PROBE_FLEET = "doctor";
/** Between what several edges share, their name and their proof, and what one of them adds to it as its own id. */
export const SHARED_ID_MARK = "~";

/** Close codes of both WebSockets: RFC 6455 §7.4.1, and from 4000 on our own. */
export const CloseCode = {
  /** All that was to be handed over has been. */
  normal: 1000,
  /** This end is stopping: connect again, elsewhere if possible. */
  goingAway: 1001,
  /** Not a message of the protocol, or not in its order. */
  protocolError: 1002,
  /** Text where a binary message is expected. */
  unsupportedData: 1003,
  /** Too many messages that are not what the subprotocol says. */
  invalidPayload: 1007,
  /** A limit was passed, or somebody else goes by this id. */
  policyViolation: 1008,
  messageTooBig: 1009,
  internalError: 1011,
  /** An edge gave up an aggregator that did not answer. */
  noAnswer: 4000,
  /** An edge cannot read what the aggregator sent. */
  unreadableDownlink: 4002,
  /** An edge failed to deal with what the aggregator sent. */
  edgeFailed: 4003,
  /** The proof of who is at the other end has ended, or was revoked: connect again, with another one. */
  proofEnded: 4004,
  /** Edge and aggregator are of versions that do not work together: one of them must be upgraded. */
  versionsApart: 4005,
} as const;

/** Bytes of the longest frame; a longer one closes the connection with `messageTooBig`. */
export const FRAME_BYTES_MAX = 65_536;
/** Records of one frame; one with more is malformed. */
export const FRAME_RECORDS_MAX = 256;
/** UTF-8 bytes of a drone id, from 1 on. */
export const DRONE_ID_BYTES_MAX = 64;
/** AlertAck messages of one frame; one with more is malformed. */
export const ALERT_ACKS_MAX = 64;
/** Bytes of a batch id: a UUID. */
export const BATCH_ID_BYTES = 16;

/** Bits of PositionColumns.presence. */
export const PositionPresence = { altMsl: 1, altHome: 2, heading: 4, hAcc: 8, vAcc: 16, satellites: 32 } as const;
/** Bits of BatteryColumns.presence. */
export const BatteryPresence = { voltage: 1, current: 2, remaining: 4, temperature: 8 } as const;
/** Bits of ObstacleColumns.hit_presence. */
export const HitPresence = { rangeRate: 1 } as const;
