// Drones that fly north abreast and send records at a given rate, whatever they are answered. As a process, three records
// in a frame: abreast.ts URL FIRST COUNT PHASES, where PHASES is [[recordsPerS, untilUnixMs], …]; it prints how many of its
// records a Throttle named.
import { create, fromBinary } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { type Telemetry, TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { encodeAlertAck } from "../../clients/typescript/src/alert_inbox.ts";
import { type DroneIdentity, encodeFrame } from "../../clients/typescript/src/frame.ts";
import { record } from "./producer.ts";

/** Records a second of all drones together, until a time in Unix ms. */
export type Phase = [recordsPerS: number, untilMs: number];

export interface AbreastSettings {
  /** Of an edge: ws://…/v1/telemetry */
  url: string;
  /** Numbers of the drones: `first` to `first + count - 1`. */
  first: number;
  count: number;
  recordsPerFrame: number;
  /** Opens a socket; Deno's own costs the sender less, and gathers small messages (Nagle). */
  connect: (url: string) => WebSocket;
}

/** A position, a battery reading and an obstacle scan, in turn. */
const KINDS = 3;
/** 500 m at 47° of latitude: nothing is on a collision course. */
const APART_E7 = 66_000;
const SPEED_CMS = 3000;
const SPEED_E7 = 2700;
/** Drones send each by itself: a hundred frames at one moment would wait for one another. */
const STEP_MS = 1;
/** A process that was kept waiting makes up for it bit by bit, for the same reason. */
const LATE_MS = 8;
const HASTE = 2;
/** The last answers are on their way for so long at most. */
const LAST_ANSWERS_MS = 2000;

interface Sender {
  socket: WebSocket;
  identity: DroneIdentity;
  lonE7: number;
  seq: number;
}

export class Abreast {
  /** Records that Throttle frames named. */
  answered = 0;
  readonly #senders: Sender[];
  readonly #recordsPerFrame: number;

  private constructor(senders: Sender[], recordsPerFrame: number) {
    this.#senders = senders;
    this.#recordsPerFrame = recordsPerFrame;
  }

  /** Connects them. */
  static async connect({ url, first, count, recordsPerFrame, connect }: AbreastSettings): Promise<Abreast> {
    const fleet: Abreast = new Abreast(
      await Promise.all(Array.from({ length: count }, async (_, i): Promise<Sender> => {
        const socket = connect(url);
        const identity = { droneId: `abreast-${first + i}`, bootId: 1 };
        socket.binaryType = "arraybuffer";
        socket.onmessage = ({ data }) => {
          const { body } = fromBinary(DroneDownlinkSchema, new Uint8Array(data));
          if (body.case === "alert") socket.send(encodeAlertAck(body.value, { identity, nowMs: Date.now() }));
          if (body.case !== "throttle") return;
          const ranges = body.value.shed.length > 0 ? body.value.shed : body.value.refused ? [body.value.refused] : [];
          for (const { firstSeq, lastSeq } of ranges) fleet.answered += lastSeq - firstSeq + 1;
        };
        await new Promise((resolve, reject) => {
          socket.onopen = resolve;
          socket.onerror = reject;
        });
        return { socket, identity, lonE7: 80_000_000 + (first + i) * APART_E7, seq: 0 };
      })),
      recordsPerFrame,
    );
    return fleet;
  }

  async send([recordsPerS, untilMs]: Phase): Promise<void> {
    const beganMs = performance.now();
    let [sent, turn, lastMs] = [0, 0, beganMs];
    for (let nowMs = beganMs; performance.timeOrigin + nowMs < untilMs; nowMs = performance.now()) {
      const due = Math.floor(((nowMs - beganMs) * recordsPerS) / 1000);
      const most = sent + Math.ceil((Math.min(nowMs - lastMs, LATE_MS) * recordsPerS * HASTE) / 1000);
      for (const stop = Math.min(due, most); sent < stop; sent += this.#recordsPerFrame) {
        const sender = this.#senders[turn++ % this.#senders.length]!;
        const records = Array.from({ length: this.#recordsPerFrame }, () => nextRecord(sender));
        sender.socket.send(encodeFrame(sender.identity, records));
      }
      lastMs = nowMs;
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#senders.map(({ socket }) => {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      return closed;
    }));
  }
}

/** The number of a drone, from its id. */
export function numberOf(droneId: string): number {
  return Number(droneId.split("-").at(-1));
}

function nextRecord(sender: Sender): Telemetry {
  if (sender.seq % KINDS === 0) return position(sender);
  return record(sender, sender.seq % KINDS === 1 ? "battery" : "obstacles");
}

function position(sender: Sender): Telemetry {
  const nowMs = performance.timeOrigin + performance.now();
  const latE7 = 470_000_000 + Math.round(((nowMs % 3_600_000) / 1000) * SPEED_E7);
  const value = { latE7, lonE7: sender.lonE7, altMslMm: 500_000, fixType: 3, vnCms: SPEED_CMS };
  const [seq, eventTimeUs] = [++sender.seq, BigInt(Math.floor(nowMs * 1000))];
  return create(TelemetrySchema, { seq, eventTimeUs, flags: 3, body: { case: "position", value } });
}

if (import.meta.main) {
  const [url = "", first, count, phases = "[]"] = Deno.args;
  const connect = (url: string) => new WebSocket(url);
  const fleet = await Abreast.connect({
    ...{ url, first: Number(first), count: Number(count) },
    ...{ recordsPerFrame: KINDS, connect },
  });
  for (const phase of JSON.parse(phases) as Phase[]) await fleet.send(phase);
  await new Promise((resolve) => setTimeout(resolve, LAST_ANSWERS_MS));
  await fleet.close();
  console.log(fleet.answered);
}
