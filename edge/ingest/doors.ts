// What the edge's HTTP surface asks of the edge behind it.
import type { Gate } from "../../identity/gate.ts";
import { VERSION } from "../../platform/version.ts";
import { TELEMETRY_PROTOCOL } from "../../proto/versions.ts";
import { FRAME_BYTES_MAX } from "../../proto/words.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import type { EdgeConfig } from "../config.ts";
import type { Drones } from "../drones/drones.ts";
import type { Ladder } from "../overload/ladder.ts";
import type { LossLog } from "../overload/loss_log.ts";
import { answersOf, type AnswersParts } from "./answers.ts";
import type { AppParts } from "./app.ts";
import type { MavlinkKeys } from "./mavlink/keys.ts";
import { type MavlinkDoor, mavlinkDoor } from "./mavlink_door.ts";
import type { MqttParts } from "./mqtt/mqtt.ts";
import { type MqttDoor, mqttDoor } from "./mqtt_door.ts";
import type { Telemetry } from "./telemetry.ts";
import { TrafficReports } from "./traffic/reports.ts";
import { hearTraffic } from "./traffic_receivers.ts";
import { accept } from "./websocket.ts";

export interface DoorsParts extends AnswersParts {
  config: Pick<EdgeConfig, "edgeId" | "connectionsMax" | "origins" | "hosts" | "mavlink" | "traffic">;
  session: bigint;
  /** Unix µs. */
  nowUs: () => bigint;
  gate: Pick<Gate, "admit" | "note">;
  hotPath: HotPath;
  attempt: AppParts["attempt"];
  telemetry: Telemetry;
  frameRecordsMax: number;
  drones: Pick<Drones, "connections" | "slots" | "subscribers">;
  ladder: Ladder;
  /** It takes nothing any more. */
  isStopping: () => boolean;
  losses: Pick<LossLog, "note">;
  mavlinkKeys: MavlinkKeys;
}

/** What a drone said before its connection was lost is with the aggregator by then: longer than a bulk window is. */
const LAST_WORDS_MS = 200;

/** What the app asks, and what is done for those inside. */
export interface Doors extends AppParts {
  /** Takes over a drone's socket that is opening. */
  accept: (socket: WebSocket) => void;
  mqtt: MqttDoor;
  mavlink: MavlinkDoor;
  traffic: {
    /** Begins to hear receivers. @returns what ends it */
    hear: () => () => void;
    /** Once a second. */
    check: () => void;
  };
}

export function doorsOf(parts: DoorsParts): Doors {
  const { config, platform, session, nowUs, gate, attempt, telemetry, drones, handover, ladder } = parts;
  const { isLeaving, isStopping } = parts;
  const { connections, subscribers, slots } = drones;
  const { backlog, uplink } = handover;
  const spoken = { version: VERSION, protocol: TELEMETRY_PROTOCOL };
  const limits = { frameBytesMax: FRAME_BYTES_MAX, frameRecordsMax: parts.frameRecordsMax };
  // What arrives while stopping is not taken: the drone keeps it and sends it to the next edge.
  const receive: MqttParts["receive"] = (connection, frame, only) =>
    isStopping() ? null : telemetry.receive(connection, frame, only);
  const onUnreadable: MqttParts["onUnreadable"] = (connection, fault) => telemetry.unreadable(connection, fault);
  const refusesConnections = () => {
    if (connections.size >= config.connectionsMax) return `${connections.size} are connected already`;
    return isLeaving() ? "the edge is stopping" : ladder.now.refusing ? "the edge is overloaded" : null;
  };
  const mqtt = mqttDoor({
    ...{ ...platform, connections, subscribers, gate, attempt, receive, refusesConnections },
    onUnreadable,
    frames: parts.hotPath,
    heldMs: () => backlog.ageMs(platform.now()),
    onLinkLost: (droneId) => {
      const lostMs = platform.clock();
      platform.after(LAST_WORDS_MS, () => {
        if (!slots.hasSpokenSince(droneId, lostMs)) uplink.tell({ case: "linkLosses", value: { droneIds: [droneId] } });
      });
    },
  });
  const { counters } = parts.report;
  const reports = new TrafficReports({
    ...platform,
    counters,
    own: config.traffic.own,
    tell: (body) => uplink.tell(body),
  });
  const mavlink = mavlinkDoor({
    ...{
      ...platform,
      connections,
      attempt,
      tally: parts.report.mavlink,
      keys: parts.mavlinkKeys,
      names: config.mavlink.systems,
      traffic: reports,
      tellsIntruders: config.mavlink.tellsIntruders,
    },
    ...{ receive: (connection, frame) => void receive(connection, frame), refusesConnections },
    onTrap: (error) => parts.losses.note("traps of MAVLink", 1, error),
  });
  const doors: Doors = {
    accept: (socket) => accept(socket, doors),
    ...{ mqtt, mavlink },
    traffic: {
      hear: () => hearTraffic({ ...platform, config: config.traffic, reports, counters }),
      check: () => reports.check(),
    },
    hello: () => {
      const cutOff = uplink.state !== "connected";
      return { ...spoken, ...limits, serverTimeUs: nowUs(), session, edgeId: config.edgeId, cutOff };
    },
    clock: platform.clock,
    gate,
    connections,
    attempt,
    receive: (connection, frame) => void receive(connection, frame),
    onUnreadable,
    onTooLarge: () => telemetry.tooLarge(),
    origins: config.origins,
    hosts: config.hosts,
    refusesConnections,
    ...answersOf(parts),
    log: platform.log,
  };
  return doors;
}
