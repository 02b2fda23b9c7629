// One MAVLink link: a WebSocket, a TCP connection, or a peer of UDP. Bytes in any cut become TelemetryFrames of the vehicles
// that are heard on it, and warnings of them become frames for those vehicles.
import { DRONE_ID_BYTES_MAX } from "../../proto/words.ts";
import { COUNTS, type LinkCounts, readCounts } from "./counts.ts";
import { Item, Stop } from "./exports.ts";
import type { Instance, MavlinkSandbox } from "./sandbox.ts";
import type { Signatures } from "./signatures.ts";
import type { Traffic } from "./traffic.ts";
import { TrafficReader } from "./traffic_reader.ts";

/** Who a system is. */
export interface Admission {
  /** 1 to 64 bytes of UTF-8. */
  droneId: string;
  /** 32 bytes: nothing is taken from it unless it is signed with this, and what it is sent is signed. */
  key?: Uint8Array;
}

export interface LinkOptions {
  /** Systems that may be vehicles on this link; more are denied. */
  vehiclesMax: number;
  /** Whose system id is this? Asked once for each, 1 to 250, when it says something that counts; null: it is denied. */
  admit(system: number): Admission | null;
  /** A TelemetryFrame: a view, to be copied or forgotten. No link may be pushed to meanwhile. */
  onFrame(frame: Uint8Array<ArrayBuffer>): void;
  onTraffic?(traffic: Traffic): void;
}

/** A vehicle on a link, and how its radio does: frames of it that came, and that were sent and did not come. */
export interface LinkedVehicle {
  system: number;
  droneId: string;
  heard: number;
  lost: number;
}

const KEY_BYTES = 32;
const HEADER_BYTES = 4;
const encoder = new TextEncoder();

export class MavlinkLink {
  readonly #sandbox: MavlinkSandbox;
  readonly #signatures: Signatures;
  readonly #options: LinkOptions;
  readonly #traffic = new TrafficReader();
  readonly #droneIds = new Map<number, string>();
  /** What ends that signatures here count on other links. */
  readonly #watches: (() => void)[] = [];
  /** The instance that its number belongs to. */
  #instance: Instance | null = null;
  #number = 0;
  #counts = new Uint32Array(COUNTS);
  /** Those of instances before. */
  readonly #countsBefore = new Uint32Array(COUNTS);
  #isClosed = false;

  constructor(sandbox: MavlinkSandbox, { signatures, options }: { signatures: Signatures; options: LinkOptions }) {
    this.#sandbox = sandbox;
    this.#signatures = signatures;
    this.#options = options;
  }

  /** False: there are as many links as there may be. */
  open(): boolean {
    const instance = this.#sandbox.current;
    if (this.#instance === instance) return true;
    const number = instance.exports.open(this.#options.vehiclesMax);
    if (number === 0) return false;
    for (let i = 0; i < COUNTS; i++) this.#countsBefore[i]! += this.#counts[i]!;
    this.#unwatch();
    this.#droneIds.clear();
    this.#instance = instance;
    this.#number = number;
    this.#counts = new Uint32Array(instance.memory.buffer, instance.exports.counts_address(number), COUNTS);
    return true;
  }

  /** Bytes as they came. @returns false: the module has trapped over them */
  push(bytes: Uint8Array, nowUs: number): boolean {
    // What was not read yet would be overwritten.
    if (this.#sandbox.isPushing) throw new Error("Cannot push: what is told of another push is not all told yet");
    this.#sandbox.isPushing = true;
    try {
      return this.#pushAll(bytes, nowUs);
    } finally {
      this.#sandbox.isPushing = false;
    }
  }

  #pushAll(bytes: Uint8Array, nowUs: number): boolean {
    const { input } = this.#sandbox.current;
    for (let at = 0; at < bytes.length && !this.#isClosed; at += input.length) {
      if (!this.open()) return false;
      const chunk = bytes.subarray(at, at + input.length);
      if (this.#sandbox.call((instance) => this.#pushChunk(instance, { chunk, nowUs })) === null) return false;
    }
    return true;
  }

  #pushChunk(instance: Instance, { chunk, nowUs }: { chunk: Uint8Array; nowUs: number }): void {
    const { exports } = instance;
    instance.input.set(chunk);
    let stop = exports.push(this.#number, chunk.length, nowUs);
    this.#deliver(instance);
    while (stop !== Stop.done && !this.#isClosed) {
      if (stop === Stop.asks) this.#ask(exports.asked(), nowUs);
      stop = exports.resume(this.#number, nowUs);
      this.#deliver(instance);
    }
  }

  #deliver({ exports, memory, outputAddress }: Instance): void {
    const bytes = exports.output_bytes();
    if (bytes === 0) return;
    const view = new DataView(memory.buffer, outputAddress, bytes);
    for (let at = 0; at < bytes && !this.#isClosed;) {
      const header = view.getUint32(at, true);
      const length = header & 0xff_ffff;
      at += HEADER_BYTES;
      if (header >>> 24 === Item.telemetryFrame) {
        this.#options.onFrame(memory.subarray(outputAddress + at, outputAddress + at + length));
      } else if (this.#options.onTraffic) {
        const item = new DataView(memory.buffer, outputAddress + at, length);
        for (const traffic of this.#traffic.read(item)) this.#options.onTraffic(traffic);
      }
      at += length;
    }
  }

  #ask(system: number, nowUs: number): void {
    const instance = this.#sandbox.current;
    const { exports, text, numbers } = instance;
    const admission = this.#options.admit(system);
    if (this.#isClosed) return;
    if (admission === null) return exports.deny(this.#number, system);
    const { droneId, key } = admission;
    const { read, written } = encoder.encodeInto(droneId, text.subarray(0, DRONE_ID_BYTES_MAX));
    if (read !== droneId.length || written === 0) throw new RangeError(`Cannot admit ${droneId}: no id of a drone`);
    if (key && key.length !== KEY_BYTES) throw new RangeError(`Cannot admit ${droneId}: a key of ${key.length} bytes`);
    if (key) text.set(key, written);
    numbers.set([system, written, key ? 1 : 0, this.#signatures.until(droneId)]);
    const number = this.#number;
    if (!exports.admit(number, nowUs)) return exports.deny(number, system);
    this.#droneIds.set(system, droneId);
    // What an instance that has trapped knew is lost.
    const newest = () => instance === this.#sandbox.current ? exports.signed_until(number, system) : 0;
    if (key) this.#watches.push(this.#signatures.watch(droneId, newest));
  }

  #unwatch(): void {
    for (const end of this.#watches.splice(0)) end();
  }

  /** Since it was opened. */
  counts(): LinkCounts {
    return readCounts(this.#counts.map((count, i) => count + this.#countsBefore[i]!));
  }

  vehicles(): LinkedVehicle[] {
    const exports = this.#instance?.exports;
    if (!exports || this.#isClosed || this.#instance !== this.#sandbox.current) return [];
    return Array.from(this.#droneIds, ([system, droneId]) => ({
      ...{ system, droneId },
      heard: exports.heard(this.#number, system) >>> 0,
      lost: exports.lost(this.#number, system) >>> 0,
    }));
  }

  /** Makes frames for a vehicle, of what the crate wants for each; null: the vehicle is not on this link. */
  compose(
    system: number,
    { message, nowUs, text = "", numbers }: {
      message: "collision" | "status_text" | "adsb_vehicle";
      nowUs: number;
      text?: string;
      numbers: number[];
    },
  ): Uint8Array<ArrayBuffer> | null {
    if (this.#isClosed || this.#instance !== this.#sandbox.current) return null;
    return this.#sandbox.call((instance) => {
      const { written } = encoder.encodeInto(text, instance.text);
      instance.numbers.set([written, nowUs, ...numbers]);
      const bytes = instance.exports[message](this.#number, system);
      const { downAddress, memory } = instance;
      return bytes === 0 ? null : memory.slice(downAddress, downAddress + bytes);
    });
  }

  /** Nothing comes of it any more; its counts stay. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unwatch();
    if (this.#instance === null || this.#instance !== this.#sandbox.current) return;
    this.#counts = this.#counts.slice();
    this.#instance.exports.close(this.#number);
  }
}
