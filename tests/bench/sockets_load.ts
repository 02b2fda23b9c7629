// The load of the socket benchmarks, as a process: drones that send as fast as the server reads. It patches ready-made frames
// in place, so that it costs the machine as little as possible. Told a SocketsOrder in a file, it prints SocketsLoaded.
import { type LoadProof, type LoadSocket, openSocket } from "./load_socket.ts";
import { cpuUs } from "../e2e/proc.ts";
import { findRecords, numberedFrame, type NumberedRecord, type Numbering, renumber } from "./numbered_frames.ts";
import { Pace } from "./pace.ts";

/** What it is to do. */
export interface SocketsOrder {
  /** Of the WebSocket, by http: or https:. */
  url: string;
  serverPids: number[];
  /** Processes whose CPU counts as the load's, besides its own: the uplink's peer. */
  aidPids?: number[];
  /** Of the connections: as many as there are. */
  proofs: LoadProof[];
  recordsPerFrame: number;
  warmUpMs: number;
  measureMs: number;
}

/** What it found. */
export interface SocketsLoaded {
  recordsPerS: number;
  /** Of the server, and of the load itself. */
  cpuUsPerRecord: number;
  loadUsPerRecord: number;
  frameBytes: number;
}

/** With the size of the frames: an edge that is loaded with two sizes in turn hears of two boots. */
const BOOT_ID = 3_000_000_000;
/** Frames that leave together. */
export const FRAMES_PER_WRITE = 16;
/** An empty ping, masked with zeros, behind so many writes: what answers cost is not what is measured. */
const PING = [0x89, 0x80, 0, 0, 0, 0];
const WRITES_PER_PING = 2;
/** Pings of one connection that the server has not answered yet. */
const IN_FLIGHT_MAX = 2;
const NUMBERING: Numbering = { stepUs: 100_000, stepE7: 150, latSteps: 600_000 };
const POSITION = {
  latE7: 400_000_000,
  lonE7: 85_000_000,
  altMslMm: 450_123,
  altHomeMm: 60_123,
  vnCms: 1234,
  veCms: -321,
  vdCms: 7,
  headingCdeg: 34_500,
  hAccMm: 450,
  vAccMm: 700,
  fixType: 3,
  satellites: 15,
};

interface Burst {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
  records: NumberedRecord[];
  latE7: number;
}

function telemetryFrame(drone: number, records: number): Uint8Array<ArrayBuffer> {
  const bodies = Array.from({ length: records }, () => ({ case: "position" as const, value: POSITION }));
  return numberedFrame(`drone-${String(drone).padStart(4, "0")}`, {
    bootId: BOOT_ID + records * 10_000 + drone,
    bodies,
  }).bytes;
}

// One write: several WebSocket messages, masked with zeros, which leaves the frame readable in place.
function createBurst(drone: number, recordsPerFrame: number): Burst {
  const frame = telemetryFrame(drone, recordsPerFrame);
  const header = frame.length < 126
    ? [0x82, 0x80 | frame.length, 0, 0, 0, 0]
    : [0x82, 0x80 | 126, frame.length >> 8, frame.length & 255, 0, 0, 0, 0];
  const stride = header.length + frame.length;
  const bytes = new Uint8Array(stride * FRAMES_PER_WRITE + PING.length);
  bytes.set(PING, stride * FRAMES_PER_WRITE);
  for (let i = 0; i < FRAMES_PER_WRITE; i++) {
    bytes.set(header, i * stride);
    bytes.set(frame, i * stride + header.length);
  }
  const records = findRecords(bytes, { repeated: FRAMES_PER_WRITE, records: recordsPerFrame });
  return { bytes, view: new DataView(bytes.buffer), records, latE7: POSITION.latE7 };
}

// Counts the pongs among the messages from the server: each says that everything before its ping was taken.
async function countPongs({ connection, first }: LoadSocket, onPong: () => void): Promise<void> {
  const buffer = new Uint8Array(65_536);
  const waiting: number[] = [];
  let skip = 0;
  buffer.set(first);
  for (let length: number | null = first.length; length !== null; length = await connection.read(buffer)) {
    for (let at = 0; at < length;) {
      if (skip > 0) {
        const step = Math.min(skip, length - at);
        skip -= step;
        at += step;
        continue;
      }
      waiting.push(buffer[at++]!);
      const payloadBytes = payloadLength(waiting);
      if (payloadBytes === null) continue;
      if ((waiting[0]! & 15) === 10) onPong();
      skip = payloadBytes;
      waiting.length = 0;
    }
  }
}

// RFC 6455 §5.2, from a server: not masked. Null until the header is complete.
function payloadLength(header: number[]): number | null {
  const short = header[1];
  if (short === undefined) return null;
  if (short < 126) return short;
  const lengthBytes = short === 126 ? 2 : 8;
  if (header.length < 2 + lengthBytes) return null;
  return header.slice(2).reduce((value, byte) => value * 256 + byte, 0);
}

// Closed loop: the server has the next write waiting, and never seconds of backlog in the kernel's buffers.
async function load(socket: LoadSocket, burst: Burst, onTaken: (records: number) => void): Promise<void> {
  const { connection } = socket;
  let inFlight = 0;
  let resume = () => {};
  const pace = new Pace();
  const pongs = countPongs(socket, () => {
    inFlight--;
    onTaken(burst.records.length * WRITES_PER_PING);
    resume();
  });
  const writes = (async () => {
    for (let write = 1;; write++) {
      while (inFlight >= IN_FLIGHT_MAX) await new Promise<void>((resolve) => resume = resolve);
      const waitMs = pace.next(FRAMES_PER_WRITE, performance.now());
      if (waitMs > 0) await elapse(waitMs);
      renumber(burst, (write - 1) * burst.records.length, NUMBERING);
      const isPinged = write % WRITES_PER_PING === 0;
      if (isPinged) inFlight++;
      const bytes = isPinged ? burst.bytes : burst.bytes.subarray(0, -PING.length);
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    }
  })();
  await Promise.race([pongs, writes]);
  throw new Error("Cannot go on: the server closed a connection");
}

async function cpuUsOf(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(pids.map(cpuUs));
  return each.reduce((sum, us) => sum + us, 0);
}

function elapse(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A server that is loaded from now on, for as long as the process lives. */
export interface Saturation {
  /** So long; rejects when the server ends a connection. */
  pass: (ms: number) => Promise<void>;
  /** The same, and what it found meanwhile. */
  measure: (ms: number) => Promise<SocketsLoaded>;
}

/** Opens all connections, and begins to send on them. */
export async function saturate(
  { url, serverPids, aidPids = [], proofs, recordsPerFrame }: Omit<SocketsOrder, "warmUpMs" | "measureMs">,
): Promise<Saturation> {
  const sockets = await Promise.all(proofs.map((proof) => openSocket(new URL(url), proof)));
  const bursts = sockets.map((_, drone) => createBurst(drone, recordsPerFrame));
  let taken = 0;
  const loads = sockets.map((socket, i) => load(socket, bursts[i]!, (records) => taken += records));
  const now = async () => ({
    taken,
    server: await cpuUsOf(serverPids),
    own: await cpuUsOf([Deno.pid, ...aidPids]),
    atMs: performance.now(),
  });
  const pass = async (ms: number) => await Promise.race([...loads, elapse(ms)]);
  return {
    pass,
    async measure(ms) {
      const from = await now();
      await pass(ms);
      const to = await now();
      const records = to.taken - from.taken;
      return {
        recordsPerS: records / (to.atMs - from.atMs) * 1000,
        cpuUsPerRecord: (to.server - from.server) / records,
        loadUsPerRecord: (to.own - from.own) / records,
        frameBytes: telemetryFrame(0, recordsPerFrame).length,
      };
    },
  };
}

async function run({ warmUpMs, measureMs, ...order }: SocketsOrder): Promise<SocketsLoaded> {
  const saturation = await saturate(order);
  await saturation.pass(warmUpMs);
  return await saturation.measure(measureMs);
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(await Deno.readTextFile(Deno.args[0] ?? "")))));
  Deno.exit(0);
}
