// What the edge's HTTP surface asks of the edge behind it.
import type { Gate } from "../../identity/gate.ts";
import { VERSION } from "../../platform/version.ts";
import { TELEMETRY_PROTOCOL } from "../../proto/versions.ts";
import { FRAME_BYTES_MAX } from "../../proto/words.ts";
import type { EdgeConfig } from "../config.ts";
import type { Drones } from "../drones/drones.ts";
import type { Ladder } from "../overload/ladder.ts";
import { answersOf, type AnswersParts } from "./answers.ts";
import type { AppParts } from "./app.ts";
import type { Telemetry } from "./telemetry.ts";

export interface DoorsParts extends AnswersParts {
  config: Pick<EdgeConfig, "edgeId" | "connectionsMax" | "origins" | "hosts">;
  session: bigint;
  /** Unix µs. */
  nowUs: () => bigint;
  gate: Pick<Gate, "admit" | "hold">;
  attempt: AppParts["attempt"];
  telemetry: Telemetry;
  frameRecordsMax: number;
  drones: Pick<Drones, "connections" | "slots">;
  ladder: Ladder;
  /** It takes nothing any more. */
  isStopping: () => boolean;
}

export function doorsOf(parts: DoorsParts): AppParts {
  const { config, platform, session, nowUs, gate, attempt, telemetry, drones, handover, ladder } = parts;
  const { isLeaving, isStopping } = parts;
  const { connections, slots } = drones;
  const { uplink } = handover;
  const spoken = { version: VERSION, protocol: TELEMETRY_PROTOCOL };
  const limits = { frameBytesMax: FRAME_BYTES_MAX, frameRecordsMax: parts.frameRecordsMax };
  return {
    hello: () => {
      const cutOff = uplink.state !== "connected";
      return { ...spoken, ...limits, serverTimeUs: nowUs(), session, edgeId: config.edgeId, cutOff };
    },
    clock: platform.clock,
    gate,
    attempt,
    // What arrives while stopping is not taken: the drone keeps it and sends it to the next edge.
    receive: (connection, data) => isStopping() || telemetry.receive(connection, data),
    onTooLarge: () => telemetry.tooLarge(),
    onOpen: (connection) => connections.add(connection),
    onClose: (connection) => {
      connections.delete(connection);
      slots.disconnect(connection);
    },
    origins: config.origins,
    hosts: config.hosts,
    refusesConnections: () => {
      if (connections.size >= config.connectionsMax) return `${connections.size} are connected already`;
      return isLeaving() ? "the edge is stopping" : ladder.now.refusing ? "the edge is overloaded" : null;
    },
    ...answersOf(parts),
    log: platform.log,
  };
}
