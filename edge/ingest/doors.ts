// What the edge's HTTP surface asks of the edge behind it.
import type { Gate } from "../../identity/gate.ts";
import type { Platform } from "../../platform/system.ts";
import { VERSION } from "../../platform/version.ts";
import { FRAME_BYTES_MAX } from "../../proto/words.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import type { EdgeConfig } from "../config.ts";
import type { Drones } from "../drones/drones.ts";
import type { OutboundBatch } from "../lanes/sealing.ts";
import type { Ladder } from "../overload/ladder.ts";
import type { Handover } from "../uplink/handover.ts";
import type { AppParts } from "./app.ts";
import type { MqttParts } from "./mqtt/mqtt.ts";
import { type MqttDoor, mqttDoor } from "./mqtt_door.ts";
import type { Telemetry } from "./telemetry.ts";
import { accept } from "./websocket.ts";

export interface DoorsParts {
  config: Pick<EdgeConfig, "edgeId" | "connectionsMax" | "origins" | "hosts">;
  platform: Platform;
  session: bigint;
  /** Unix µs. */
  nowUs: () => bigint;
  gate: Pick<Gate, "admit" | "note">;
  hotPath: HotPath;
  attempt: AppParts["attempt"];
  telemetry: Telemetry;
  frameRecordsMax: number;
  drones: Pick<Drones, "connections" | "slots" | "subscribers">;
  handover: Pick<Handover, "backlog" | "uplink">;
  ladder: Ladder;
  isStopping: () => boolean;
  status: AppParts["status"];
}

/** What a drone said before its connection was lost is with the aggregator by then: longer than a bulk window is. */
const LAST_WORDS_MS = 200;

/** What the app asks, and what is done for those inside. */
export interface Doors extends AppParts {
  /** Takes over a drone's socket that is opening. */
  accept: (socket: WebSocket) => void;
  mqtt: MqttDoor;
}

export function doorsOf(parts: DoorsParts): Doors {
  const { config, platform, session, nowUs, gate, attempt, telemetry, drones, handover, ladder, isStopping, status } =
    parts;
  const { connections, subscribers, slots } = drones;
  const { backlog, uplink } = handover;
  const limits = { frameBytesMax: FRAME_BYTES_MAX, frameRecordsMax: parts.frameRecordsMax };
  // What arrives while stopping is not taken: the drone keeps it and sends it to the next edge.
  const receive: MqttParts["receive"] = (connection, frame, only) =>
    isStopping() ? null : telemetry.receive(connection, frame, only);
  const onUnreadable: MqttParts["onUnreadable"] = (connection, fault) => telemetry.unreadable(connection, fault);
  const refusesConnections = () => {
    if (connections.size >= config.connectionsMax) return `${connections.size} are connected already`;
    return isStopping() ? "the edge is stopping" : ladder.now.refusing ? "the edge is overloaded" : null;
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
  const doors: Doors = {
    accept: (socket) => accept(socket, doors),
    mqtt,
    hello: () => ({ serverTimeUs: nowUs(), session, edgeId: config.edgeId, version: VERSION, ...limits }),
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
    replay: (range) => {
      const batches = backlog.replay(range);
      uplink.pump();
      const sum = (of: (batch: OutboundBatch) => number) => batches.reduce((total, batch) => total + of(batch), 0);
      const records = sum(({ sealed }) => sealed.records);
      return { batches: batches.length, records, bytes: sum(({ sealed }) => sealed.body.length) };
    },
    notReady: () => isStopping() ? "stopping" : uplink.state === "connected" ? null : "no connection to the aggregator",
    status,
    log: platform.log,
  };
  return doors;
}
