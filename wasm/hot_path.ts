// The only binding to hot_path.wasm: a frame is copied in, one call is made, numbers are read out. Nothing but numbers
// crosses the border; all memory is reserved before the first frame (assembly/layout.ts). No call throws what the module
// does: an instance that traps is replaced (sandbox.ts).
import { FRAME_BYTES_MAX } from "../proto/words.ts";
import { type AlertAckEntry, readAlertAcks } from "./alert_acks.ts";
import { ANY_DRONE, type FixE7, type Shedding } from "./limits.ts";
import { applyReceipt } from "./receipts.ts";
import { Sandbox } from "./sandbox.ts";
import { readAbandoned, readSealed, type SealedLane } from "./sealed_lane.ts";
import type { HotPathSettings } from "./settings.ts";
import { FAULTS, Verdict } from "./verdict.ts";

// Words of the results area; the same order as in assembly/layout.ts. Here, so that its values are inlined.
const enum Result {
  records,
  forwarded,
  duplicates,
  nearDuplicates,
  malformedRecords,
  unknownFields,
  alertAcks,
  droneIndex,
  slot,
  isNewSlot,
  bootId,
  firstSeq,
  lastSeq,
  retryAfterMs,
  idAddress,
  idBytes,
  settledDuplicates,
  shed,
  fault,
  source,
  groupAddress,
  groupBytes,
  isNewGroup,
  unused,
  sealedRecords,
  sealedSlots,
  words,
}

// Below this a loop in JavaScript copies faster than TypedArray.prototype.set, whose call alone costs as much.
const LOOP_COPY_BYTES_MAX = 48;
// A byte order mark belongs to an id like any other character.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

export class HotPath {
  readonly #sandbox: Sandbox;
  readonly #memory: Uint8Array<ArrayBuffer>;
  readonly #frame: Uint8Array<ArrayBuffer>;
  readonly #results: Uint32Array<ArrayBuffer>;
  #own = ANY_DRONE;

  private constructor(sandbox: Sandbox, settings: HotPathSettings) {
    const { exports, memory } = sandbox;
    this.#sandbox = sandbox;
    // The memory never grows, so these views stay valid.
    const buffer = memory.buffer as ArrayBuffer;
    this.#memory = new Uint8Array(buffer);
    this.#frame = new Uint8Array(buffer, exports.frameAddress(), FRAME_BYTES_MAX);
    this.#results = new Uint32Array(buffer, exports.resultsAddress(), Result.words);
    const { droneRatePerS, droneBurst, nodeRatePerS, nodeBurst, hashSeed } = settings;
    exports.configure(droneRatePerS, droneBurst, nodeRatePerS, nodeBurst, hashSeed);
  }

  /** Compiles the committed hot_path.wasm beside this file; one instance per owner. */
  static async load(settings: HotPathSettings): Promise<HotPath> {
    const bytes = await Deno.readFile(new URL("./hot_path.wasm", import.meta.url));
    return HotPath.fromModule(await WebAssembly.compile(bytes), settings);
  }

  /** A further instance of a module that is already compiled. */
  static fromModule(module: WebAssembly.Module, settings: HotPathSettings): HotPath {
    return new HotPath(new Sandbox(module, settings.onTrap ?? (() => {})), settings);
  }

  /**
   * One TelemetryFrame. The getters below then tell about it, until the next push.
   * @param nowMs monotonic ms, for the token buckets, near-duplicates and eviction
   * @param source who speaks as this boot of this drone, from 0: see `Verdict.clash`
   * @returns one of `Verdict`
   */
  push(frame: Uint8Array, nowMs: number, source = 0): number {
    const bytes = frame.length;
    if (bytes <= LOOP_COPY_BYTES_MAX) {
      const target = this.#frame;
      for (let i = 0; i < bytes; i++) target[i] = frame[i]!;
    } else if (bytes <= FRAME_BYTES_MAX) this.#frame.set(frame);
    try {
      return this.#sandbox.push(bytes, nowMs, source);
    } catch (error) {
      this.#sandbox.replace(error);
      return Verdict.trapped;
    }
  }

  /** From now on `push` takes frames of this drone and no others. @param id 1 to 64 bytes of UTF-8, never changed, or `ANY_DRONE` */
  takeOnly(id: Uint8Array<ArrayBuffer>): void {
    if (id === this.#own) return;
    this.#frame.set(this.#own = id);
    this.#sandbox.exports.takeOnly(id.length);
  }

  /** Reads a frame without taking it: `droneId()` and `bootId` then tell whose it is. False: it is malformed. */
  identify(frame: Uint8Array): boolean {
    if (frame.length <= FRAME_BYTES_MAX) this.#frame.set(frame);
    return this.#sandbox.call(({ identify }) => identify(frame.length)) === 1;
  }

  /** Records in the frame; of a malformed one those before the error, at least 1. */
  get records(): number {
    return this.#results[Result.records]!;
  }

  /** Records appended to a lane. */
  get forwarded(): number {
    return this.#results[Result.forwarded]!;
  }

  /** Records seen before by (drone, boot, seq). */
  get duplicates(): number {
    return this.#results[Result.duplicates]!;
  }

  /** Positions suppressed as near-duplicates. */
  get nearDuplicates(): number {
    return this.#results[Result.nearDuplicates]!;
  }

  /** Bulk records given up, as `setShedding` says: not kept, not known, not to be sent again. */
  get shed(): number {
    return this.#results[Result.shed]!;
  }

  /** Records of an accepted frame without a known body, or with an impossible event time. */
  get malformedRecords(): number {
    return this.#results[Result.malformedRecords]!;
  }

  /** What is wrong with a malformed frame, for people. */
  get fault(): string {
    return FAULTS[this.#results[Result.fault]!]!;
  }

  /** Fields skipped because their number, or their wire type for that number, is unknown; nested ones included. */
  get unknownFields(): number {
    return this.#results[Result.unknownFields]!;
  }

  /** AlertAck messages in the frame, whether its records were accepted or not. */
  get alertAcks(): number {
    return this.#results[Result.alertAcks]!;
  }

  /** Session slot of (drone, boot), from 1; 0 for a frame without records or not accepted. */
  get slot(): number {
    return this.#results[Result.slot]!;
  }

  /** This push gave the slot. */
  get isNewSlot(): boolean {
    return this.#results[Result.isNewSlot] !== 0;
  }

  get bootId(): number {
    return this.#results[Result.bootId]!;
  }

  /** As which source the frame was pushed. */
  get source(): number {
    return this.#results[Result.source]!;
  }

  /** The lowest seq in the frame, 0 without records. */
  get firstSeq(): number {
    return this.#results[Result.firstSeq]!;
  }

  /** The highest seq in the frame, 0 without records. */
  get lastSeq(): number {
    return this.#results[Result.lastSeq]!;
  }

  /** After a refusal by rate: when the same frame would be accepted, or the bucket be full if it holds less. */
  get retryAfterMs(): number {
    return this.#results[Result.retryAfterMs]!;
  }

  /** Drones in the table. */
  get drones(): number {
    return this.#sandbox.exports.droneCount();
  }

  /** Id of the last pushed frame; empty when it was malformed. */
  droneId(): string {
    return this.#text(this.#results[Result.idAddress]!, this.#results[Result.idBytes]!);
  }

  /** The last frame brought something new, and declared another formation than the slot's frame before that did. */
  get isNewGroup(): boolean {
    return this.#results[Result.isNewGroup] !== 0;
  }

  /** The formation that the last frame declared, of at most 64 bytes; empty: none. */
  group(): string {
    return this.#text(this.#results[Result.groupAddress]!, this.#results[Result.groupBytes]!);
  }

  #text(address: number, bytes: number): string {
    return decoder.decode(this.#memory.subarray(address, address + bytes));
  }

  /** Seqs of duplicates in the last frame that are settled: a view, valid until the next push. */
  settledDuplicates(): Uint32Array<ArrayBuffer> {
    return this.#words(this.#sandbox.exports.settledDuplicatesAddress(), this.#results[Result.settledDuplicates]!);
  }

  /** Seqs of the records that the last frame shed: a view, valid until the next push. */
  shedSeqs(): Uint32Array<ArrayBuffer> {
    return this.#words(this.#sandbox.exports.shedAddress(), this.shed);
  }

  /** Seqs of those that count as `malformedRecords`: a view, valid until the next push. */
  invalidSeqs(): Uint32Array<ArrayBuffer> {
    return this.#words(this.#sandbox.exports.invalidAddress(), this.malformedRecords);
  }

  #words(address: number, count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#memory.buffer, address, count);
  }

  /** The last frame's AlertAck messages, in its order; an acknowledgement takes no tokens and no room. */
  alertAckList(): AlertAckEntry[] {
    const { memory, exports: { alertAcksAddress } } = this.#sandbox;
    return readAlertAcks(memory, { address: alertAcksAddress(), count: this.alertAcks });
  }

  /** What is given up of bulk from now on; near-duplicates, which cost a few bytes, are not. */
  setShedding(shedding: Shedding): void {
    this.#sandbox.exports.setShedding(shedding);
  }

  /** Records/s of all drones together, from now on; monotonic ms. */
  setNodeRate(ratePerS: number, nowMs: number): void {
    this.#sandbox.exports.setNodeRate(ratePerS, nowMs);
  }

  /** Records in a lane; near-duplicates wait in bulk. */
  waiting(lane: number): number {
    return this.#sandbox.exports.waiting(lane);
  }

  /** Empties a lane into an encoded TelemetryBatch, sorted by slot; null when nothing waits in it. */
  seal(lane: number): SealedLane | null {
    // What was half done once may go well another time; what traps twice would do so for ever.
    const bytes = this.#sandbox.call(({ seal }) => seal(lane)) ?? this.#sandbox.call(({ seal }) => seal(lane));
    if (bytes === 0) return null;
    if (bytes === null) this.#sandbox.exports.abandon(lane);
    const { exports } = this.#sandbox;
    const { buffer } = this.#memory;
    const records = this.#results[Result.sealedRecords]!;
    if (bytes === null) return readAbandoned(exports, { buffer, records });
    return readSealed(exports, { buffer, bytes, records, slots: this.#results[Result.sealedSlots]! });
  }

  /** The records of a receipt are journalled; slots no longer known are ignored. Call it once for each receipt. */
  settle(receipt: Uint32Array): void {
    applyReceipt(this.#sandbox, { receipt, as: "settle" });
  }

  /** They are lost, in no journal: no longer known, so that each is a new record when its drone repeats it. */
  forget(receipt: Uint32Array): void {
    applyReceipt(this.#sandbox, { receipt, as: "forget" });
  }

  /** While an alert is open no fix of the drone is a near-duplicate. A drone that is not in the table is ignored. */
  setAlertOpen(droneId: string, open: boolean): void {
    const { read, written } = encoder.encodeInto(droneId, this.#frame);
    if (read === droneId.length) this.#sandbox.call(({ setAlertOpen }) => setAlertOpen(written, open ? 1 : 0));
  }

  /**
   * Removes drones without a frame for `idleMs` and without unsettled records, at most 4,096 a call.
   * @returns their slots, and those of boots replaced by later ones once settled: nothing refers to them any more
   */
  evictIdle(nowMs: number, idleMs: number): Uint32Array<ArrayBuffer> {
    const slots = this.#sandbox.call(({ evictIdle }) => evictIdle(nowMs, idleMs)) ?? 0;
    return this.#words(this.#sandbox.exports.evictedAddress(), slots).slice();
  }

  /** Great-circle distance in metres, as the near-duplicate rule measures it. */
  haversineM(a: FixE7, b: FixE7): number {
    return this.#sandbox.exports.haversineM(a.latE7, a.lonE7, b.latE7, b.lonE7);
  }
}
