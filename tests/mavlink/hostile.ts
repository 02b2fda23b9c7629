// Streams that mean harm: bytes of no kind, real traffic with bytes changed, floods of beginnings, and frames whose checksum is
// right and whose content is not. Nothing may trap, throw, grow, or become a record that cannot be.
import { Random } from "../../sim/random.ts";
import { decode } from "../wasm/frames.ts";
import type { Mavlink } from "../../wasm/mavlink.ts";
import { frameOf, MESSAGES } from "./frames.ts";
import { fromHex, listen, loadStream, mavlink, NOW_US } from "./streams.ts";

/** What came of it. */
export interface Harm {
  /** Bytes, or frames. */
  pushed: number;
  traps: number;
  records: number;
  traffic: number;
  /** Of WebAssembly, by how much it grew. */
  grownBytes: number;
  /** What no frame may say, for people. */
  impossible: string[];
}

/** 2^32 seconds. */
const TIME_US_MAX = BigInt(2 ** 32) * 1_000_000n;
const FLOODS = [0xfd, 0xfe];
/** A piece of the stream has as many bytes at most. */
const PIECE_MAX = 3000;

/** `bytes` of them. `keyed`: every vehicle must sign. */
export async function pushBytes(bytes: number, { seed, keyed }: { seed: number; keyed: boolean }): Promise<Harm> {
  const random = new Random(seed);
  const streams = await Promise.all(["v2", "signed", "v1", "fleet"].map(loadStream));
  const listener = new Listener(keyed ? streams[1]!.key : null);
  for (let round = 0; listener.harm.pushed < bytes; round++) {
    const stream = changed(streams[round % streams.length]!.bytes.slice(), { round, random });
    for (let at = 0; at < stream.length;) {
      const piece = stream.subarray(at, at + random.whole(1, PIECE_MAX));
      listener.push(piece, NOW_US + round * 1e6);
      listener.harm.pushed += piece.length;
      at += piece.length;
    }
  }
  return listener.end();
}

/** `frames` of them, of every message that something follows from. */
export function pushFrames(frames: number, seed: number): Harm {
  const random = new Random(seed);
  const listener = new Listener(null);
  const names = Object.keys(MESSAGES) as (keyof typeof MESSAGES)[];
  for (; listener.harm.pushed < frames; listener.harm.pushed++) {
    const name = names[random.whole(0, names.length - 1)]!;
    const payload = new Uint8Array(random.chance(0.7) ? MESSAGES[name][2] : random.whole(0, 255));
    for (let i = 0; i < payload.length; i++) payload[i] = random.whole(0, 255);
    const v1 = MESSAGES[name][0] < 256 && random.chance(0.25);
    const [system, component] = [random.whole(0, 255), random.chance(0.8) ? 1 : random.whole(0, 255)];
    const sequence = listener.harm.pushed & 255;
    listener.push(frameOf(name, payload, { v1, system, component, sequence }), NOW_US + listener.harm.pushed * 1000);
  }
  return listener.end();
}

function changed(bytes: Uint8Array<ArrayBuffer>, { round, random }: { round: number; random: Random }) {
  if (round % 8 === 7) return bytes.map(() => random.whole(0, 255));
  if (round % 8 === 6) return bytes.fill(FLOODS[round >> 3 & 1]!);
  for (let i = 0; i < bytes.length / 40; i++) bytes[random.whole(0, bytes.length - 1)] = random.whole(0, 255);
  return bytes;
}

class Listener {
  readonly harm: Harm = { pushed: 0, traps: 0, records: 0, traffic: 0, grownBytes: 0, impossible: [] };
  readonly #mavlink: Mavlink;
  readonly #link;
  readonly #memoryBytes: number;

  constructor(key: string | null) {
    this.#mavlink = mavlink(() => this.harm.traps++);
    this.#memoryBytes = this.#mavlink.memoryBytes;
    this.#link = listen({
      on: this.#mavlink,
      key: key === null ? null : fromHex(key),
      onFrame: (frame) => this.#judge(frame),
      onTraffic: () => this.harm.traffic++,
    }).link;
  }

  push(piece: Uint8Array<ArrayBuffer>, nowUs: number): void {
    if (!this.#link.push(piece, nowUs)) this.harm.impossible.push("a push that failed");
  }

  #judge(frame: Uint8Array): void {
    const { droneId, records } = decode(frame);
    const complain = (what: string) => {
      if (this.harm.impossible.length < 10) this.harm.impossible.push(`${droneId}: ${what}`);
    };
    this.harm.records += records.length;
    if (!/^mav-\d+$/.test(droneId) || records.length === 0 || records.length > 256) complain("frame");
    for (const { eventTimeUs, body } of records) {
      if (eventTimeUs >= TIME_US_MAX) complain(`event time ${eventTimeUs}`);
      if (body.case === undefined) complain("no body");
      if (body.case === "position" && Math.abs(body.value.latE7) > 900_000_000) complain(`${body.value.latE7}`);
      if (body.case === "battery" && (body.value.remainingCpct ?? 0) > 10_000) complain(`${body.value.remainingCpct}`);
      if (body.case !== "obstacles") continue;
      const { hits } = body.value;
      if (hits.length > 16 || hits.some(({ bearingCdeg }) => bearingCdeg < 0 || bearingCdeg >= 36_000)) {
        complain("hits");
      }
    }
  }

  end(): Harm {
    const { harm } = this;
    harm.grownBytes = this.#mavlink.memoryBytes - this.#memoryBytes;
    this.#link.close();
    return harm;
  }
}
