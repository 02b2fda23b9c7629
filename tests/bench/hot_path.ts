// The hot path against the plain TypeScript way on the same frames: validate, decode, deduplicate, choose the lane, append, and
// seal now and then. The limit is one copy of the frame into memory. All three write the frame's new numbers first.
import { HotPath } from "../../wasm/hot_path.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import { Verdict } from "../../wasm/verdict.ts";
import type { BenchCase } from "./bench_case.ts";
import { type Fate, KINDS, Traffic, type TrafficSettings } from "./hot_path_traffic.ts";
import { PlainHotPath } from "./plain_hot_path.ts";

const BUDGET_NS = 100;
const BUDGET_RATIO = 10;
const DRONES = 200;
const FLEETS = [1, 1_000, 10_000, 32_768];
const SIZES = [1, 8, 32];
/** Records after which both lanes are sealed: the edge does it all the time. */
const SEAL_RECORDS = 1024;
/** New drones after which all are forgotten: their table has an end. */
const NEW_DRONES = 4096;
/** Looked at before anything is measured; of each drone one at least. */
const CHECKED_FRAMES = 64;
const NO_LIMIT = 1e9;

/** A case whose name says what becomes of each record. */
export interface HotPathCase extends BenchCase {
  fate: Fate;
  /** One iteration of each way; what became of the frame, if of all its records the same. */
  fates: () => { ours: Fate | null; plain: Fate | null };
}

/** A hot path whose token buckets never refuse. */
export async function loadUnlimitedHotPath(): Promise<HotPath> {
  return unlimitedHotPath(await compileHotPath());
}

/** Every kind of record in every size, and every fate of a position. */
export async function hotPathCases(): Promise<HotPathCase[]> {
  const module = await compileHotPath();
  const kept = Object.keys(KINDS).flatMap((kind) =>
    SIZES.map((size) => hotPathCase(module, { kind, size, fate: "kept", drones: DRONES }))
  );
  const fates = (["duplicate", "near-duplicate", "malformed", "new drone"] as const).flatMap((fate) =>
    SIZES.map((size) => hotPathCase(module, { kind: "position", size, fate, drones: DRONES }))
  );
  return [...kept, ...fates];
}

/** Fleets of other sizes. */
export async function hotPathFleetCases(): Promise<HotPathCase[]> {
  const module = await compileHotPath();
  return FLEETS.map((drones) => hotPathCase(module, { kind: "position", size: 1, fate: "kept", drones }));
}

/** @throws {Error} when a frame has another fate than the name says */
export function hotPathCase(
  module: WebAssembly.Module,
  { size, ...settings }: Omit<TrafficSettings, "recordsPerFrame"> & { size: number },
): HotPathCase {
  const { kind, fate, drones } = settings;
  const fleet = drones === DRONES ? "" : `, ${drones.toLocaleString("en-GB")} drone${drones === 1 ? "" : "s"}`;
  const name = `hot path: ${kind}, ${size} record${size === 1 ? "" : "s"}, ${fate}${fleet}`;
  const traffic = { ...settings, recordsPerFrame: size };
  const ours = new OurWay(module, traffic);
  const plain = new PlainWay(traffic);
  const copied = new Traffic(traffic);
  const target = new Uint8Array(65_536);
  const fates = () => ({ ours: ours.fateOfNext(), plain: plain.fateOfNext() });
  for (let i = 0; i < Math.max(CHECKED_FRAMES, drones); i++) {
    const found = fates();
    if (found.ours === fate && found.plain === fate) continue;
    throw new Error(`Cannot measure "${name}": ours says ${found.ours}, the plain way ${found.plain}`);
  }
  const isBudgeted = kind === "position" && size === 1 && fate === "kept" && drones === DRONES;
  return {
    name,
    unit: "a frame",
    fate,
    fates,
    ours: () => ours.next(),
    plain: { name: "plain TypeScript", run: () => plain.next() },
    limit: { name: "one copy", run: () => target.set(copied.next()) },
    budget: isBudgeted ? hotPathBudget : undefined,
    note: fate === "new drone"
      ? `with its settling and forgetting, after ${NEW_DRONES} drones`
      : fate === "kept"
      ? `with its part of sealing, after ${SEAL_RECORDS} records`
      : "",
  };
}

function hotPathBudget(ns: { ours: number; plain: number }) {
  const ratio = ns.plain / ns.ours;
  return {
    text: `≤ ${BUDGET_NS} ns (${ns.ours.toFixed(0)}) and ≥ ${BUDGET_RATIO} × (${ratio.toFixed(1)} ×)`,
    met: ns.ours <= BUDGET_NS && ratio >= BUDGET_RATIO,
  };
}

/** The WebAssembly way, on traffic of its own. */
class OurWay {
  readonly #hotPath: HotPath;
  readonly #traffic: Traffic;
  readonly #settings: TrafficSettings;
  #untilSeal: number;
  #untilForgotten = NEW_DRONES;
  #verdict: number = Verdict.accepted;

  constructor(module: WebAssembly.Module, settings: TrafficSettings) {
    this.#hotPath = unlimitedHotPath(module);
    this.#traffic = new Traffic(settings);
    this.#settings = settings;
    this.#untilSeal = this.#sealFrames;
    for (let i = this.#traffic.framesBefore; i > 0; i--) this.next();
  }

  get #sealFrames(): number {
    return Math.ceil(SEAL_RECORDS / this.#settings.recordsPerFrame);
  }

  next(): void {
    this.#verdict = this.#hotPath.push(this.#traffic.next(), this.#traffic.nowMs);
    if (--this.#untilSeal === 0) this.#seal();
    if (this.#settings.fate === "new drone" && --this.#untilForgotten === 0) this.#forgetDrones();
  }

  fateOfNext(): Fate | null {
    this.next();
    const { recordsPerFrame } = this.#settings;
    const { forwarded, duplicates, nearDuplicates, isNewSlot } = this.#hotPath;
    if (this.#verdict === Verdict.malformed) return "malformed";
    if (this.#verdict !== Verdict.accepted) return null;
    if (forwarded === recordsPerFrame) return isNewSlot ? "new drone" : "kept";
    if (duplicates === recordsPerFrame) return "duplicate";
    return nearDuplicates === recordsPerFrame ? "near-duplicate" : null;
  }

  #seal(): void {
    this.#untilSeal = this.#sealFrames;
    for (const lane of [LaneIndex.safety, LaneIndex.bulk]) {
      const sealed = this.#hotPath.seal(lane);
      // A drone with records that are not settled cannot be forgotten.
      if (sealed && this.#settings.fate === "new drone") this.#hotPath.settle(sealed.receipt);
    }
  }

  #forgetDrones(): void {
    this.#untilForgotten = NEW_DRONES;
    this.#seal();
    this.#hotPath.evictIdle(this.#traffic.nowMs, 0);
  }
}

/** The same with `PlainHotPath`. */
class PlainWay {
  #plain = new PlainHotPath();
  readonly #traffic: Traffic;
  readonly #settings: TrafficSettings;
  #untilSeal: number;
  #untilForgotten = NEW_DRONES;

  constructor(settings: TrafficSettings) {
    this.#traffic = new Traffic(settings);
    this.#settings = settings;
    this.#untilSeal = this.#sealFrames;
    for (let i = this.#traffic.framesBefore; i > 0; i--) this.next();
  }

  get #sealFrames(): number {
    return Math.ceil(SEAL_RECORDS / this.#settings.recordsPerFrame);
  }

  next(): void {
    this.#plain.push(this.#traffic.next());
    if (--this.#untilSeal === 0) this.#seal();
    if (this.#settings.fate === "new drone" && --this.#untilForgotten === 0) this.#forgetDrones();
  }

  fateOfNext(): Fate | null {
    const before = { ...this.#plain.counts, drones: this.#plain.drones };
    this.next();
    const { counts, drones } = this.#plain;
    const isAll = (count: keyof typeof counts) => counts[count] - before[count] === counts.received - before.received;
    if (isAll("malformed")) return "malformed";
    if (isAll("forwarded")) return drones === before.drones ? "kept" : "new drone";
    if (isAll("duplicate")) return "duplicate";
    return isAll("nearDuplicate") ? "near-duplicate" : null;
  }

  #seal(): void {
    this.#untilSeal = this.#sealFrames;
    this.#plain.seal("safety");
    this.#plain.seal("bulk");
  }

  #forgetDrones(): void {
    this.#untilForgotten = NEW_DRONES;
    this.#seal();
    this.#plain = new PlainHotPath();
  }
}

/** The committed one. */
export async function compileHotPath(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await Deno.readFile(new URL("../../wasm/hot_path.wasm", import.meta.url)));
}

function unlimitedHotPath(module: WebAssembly.Module): HotPath {
  return HotPath.fromModule(module, {
    droneRatePerS: NO_LIMIT,
    droneBurst: NO_LIMIT,
    nodeRatePerS: NO_LIMIT,
    nodeBurst: NO_LIMIT,
    hashSeed: 1,
  });
}
