// What the edge's HTTP surface asks of the edge behind it.
import type { Gate } from "../../identity/gate.ts";
import type { Platform } from "../../platform/system.ts";
import { VERSION } from "../../platform/version.ts";
import { TELEMETRY_PROTOCOL } from "../../proto/versions.ts";
import { FRAME_BYTES_MAX } from "../../proto/words.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import type { EdgeConfig } from "../config.ts";
import type { Counters } from "../counters.ts";
import type { Drones } from "../drones/drones.ts";
import type { OutboundBatch } from "../lanes/sealing.ts";
import type { Ladder } from "../overload/ladder.ts";
import type { LossLog } from "../overload/loss_log.ts";
import type { OfNode } from "../member/member.ts";
import type { Question } from "../member/messages.ts";
import type { Handover } from "../uplink/handover.ts";
import type { MetricsParts } from "../metrics/edge_metrics.ts";
import type { ReportParts } from "../metrics/measures.ts";
import { statusView } from "../report.ts";
import type { AppParts } from "./app.ts";
import type { MavlinkKeys } from "./mavlink/keys.ts";
import { type MavlinkDoor, mavlinkDoor } from "./mavlink_door.ts";
import type { MqttParts } from "./mqtt/mqtt.ts";
import { type MqttDoor, mqttDoor } from "./mqtt_door.ts";
import type { ReplayRange } from "./replay_range.ts";
import type { Telemetry } from "./telemetry.ts";
import { accept } from "./websocket.ts";

export interface DoorsParts {
  config: Pick<EdgeConfig, "edgeId" | "connectionsMax" | "origins" | "hosts" | "mavlink">;
  platform: Platform & OfNode;
  session: bigint;
  /** Unix µs. */
  nowUs: () => bigint;
  gate: Pick<Gate, "admit" | "note">;
  hotPath: HotPath;
  attempt: AppParts["attempt"];
  telemetry: Telemetry;
  frameRecordsMax: number;
  drones: Pick<Drones, "connections" | "slots" | "subscribers">;
  handover: Pick<Handover, "backlog" | "uplink" | "ackLatency">;
  ladder: Ladder;
  /** It is about to stop: who is here had better go, and nobody comes any more. */
  isLeaving: () => boolean;
  /** It takes nothing any more. */
  isStopping: () => boolean;
  counters: Pick<Counters, "received">;
  /** Of this edge alone. */
  report: ReportParts;
  ledger: MetricsParts["ledger"];
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
}

export function doorsOf(parts: DoorsParts): Doors {
  const { config, platform, session, nowUs, gate, attempt, telemetry, drones, handover, ladder, report } = parts;
  const { isLeaving, isStopping } = parts;
  const { connections, subscribers, slots } = drones;
  const { backlog, uplink } = handover;
  const spoken = { version: VERSION, protocol: TELEMETRY_PROTOCOL };
  const replay = (range: ReplayRange) => {
    const batches = backlog.replay(range);
    uplink.pump();
    const sum = (of: (batch: OutboundBatch) => number) => batches.reduce((total, batch) => total + of(batch), 0);
    const records = sum(({ sealed }) => sealed.records);
    return { batches: batches.length, records, bytes: sum(({ sealed }) => sealed.body.length) };
  };
  const answer = (question: Question) => question.about === "status" ? statusView(report) : replay(question);
  const ask = platform.member?.join({
    answer,
    received: () => parts.counters.received,
    setNodeRate: (ratePerS) => parts.hotPath.setNodeRate(ratePerS, platform.clock()),
    every: platform.every,
  }) ?? answer;
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
  const mavlink = mavlinkDoor({
    ...{
      ...platform,
      connections,
      attempt,
      tally: report.mavlink,
      keys: parts.mavlinkKeys,
      names: config.mavlink.systems,
    },
    ...{ receive: (connection, frame) => void receive(connection, frame), refusesConnections },
    onTrap: (error) => parts.losses.note("traps of MAVLink", 1, error),
  });
  const doors: Doors = {
    accept: (socket) => accept(socket, doors),
    ...{ mqtt, mavlink },
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
    replay: (range) => ask({ about: "replay", ...range }),
    notReady: () => isLeaving() ? "stopping" : uplink.state === "connected" ? null : "no connection to the aggregator",
    status: () => ask({ about: "status" }),
    // No first frame waits for what Prometheus is told by.
    metrics: async () => {
      const { edgeMetrics } = await import("../metrics/edge_metrics.ts");
      return await edgeMetrics({ ...report, ledger: parts.ledger, ackLatency: handover.ackLatency })();
    },
    log: platform.log,
  };
  return doors;
}
