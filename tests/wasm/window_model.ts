// What the hot path knows of sequence numbers, the plain way: for each boot and source of a drone, which were seen with
// which content, and which of them are open.

export const WINDOW_SEQS = 1024;
/** Boots and sources of one drone that are remembered; the one used longest ago goes first. */
const BOOTS = 4;

export interface ModelRecord {
  seq: number;
  eventTimeUs: number;
  /** 2 battery, 3 obstacles; 0: it has no body. */
  kind: 0 | 2 | 3;
}

interface Boot {
  key: string;
  slot: number;
  highest: number;
  /** Content by sequence number. */
  seen: Map<number, number>;
  open: Set<number>;
}

/** What must come of a frame; null: a clash. */
export interface ModelResult {
  slot: number;
  isNewSlot: boolean;
  accepted: number[];
  duplicates: number[];
  settledDuplicates: number[];
  invalid: number[];
}

const MIX = 0x9e3779b97f4a7c15n;
const u64 = (value: bigint) => BigInt.asUintN(64, value);

/** One byte of event time and kind. */
function printOf({ eventTimeUs, kind }: ModelRecord): number {
  const seconds = Math.floor(eventTimeUs / 1e6);
  let value = BigInt(seconds) | BigInt(eventTimeUs - seconds * 1e6) << 32n;
  value ^= BigInt(kind) << 24n;
  value = u64((value ^ value >> 32n) * MIX);
  value = u64((value ^ value >> 29n) * MIX);
  return Number(value >> 56n);
}

export class WindowModel {
  /** By drone; the one used last at the end. */
  readonly #boots = new Map<string, Boot[]>();
  #slots = 0;

  push(droneId: string, { bootId, source }: { bootId: number; source: number }, records: ModelRecord[]) {
    const boots = this.#boots.get(droneId) ?? [];
    this.#boots.set(droneId, boots);
    const key = `${bootId}/${source}`;
    let boot = boots.find((boot) => boot.key === key);
    if (boot && records.some((record) => clashes(boot!, record))) return null;
    const isNewSlot = boot === undefined;
    boot ??= { key, slot: ++this.#slots, highest: -1, seen: new Map(), open: new Set() };
    boots.splice(0, boots.length, ...boots.filter((other) => other !== boot), boot);
    if (boots.length > BOOTS) boots.shift();
    const { slot } = boot;
    const result: ModelResult = {
      ...{ slot, isNewSlot },
      ...{ accepted: [], duplicates: [], settledDuplicates: [], invalid: [] },
    };
    for (const record of records) take(boot, record, result);
    return result;
  }

  /** (slot, seq) pairs were journalled, or lost. */
  settle(receipt: Uint32Array, { lost }: { lost: boolean }): void {
    const bySlot = new Map([...this.#boots.values()].flat().map((boot) => [boot.slot, boot]));
    for (let i = 0; i < receipt.length; i += 2) {
      const [boot, seq] = [bySlot.get(receipt[i]!), receipt[i + 1]!];
      if (!boot || !isWithin(boot, seq)) continue;
      boot.open.delete(seq);
      if (lost) boot.seen.delete(seq);
    }
  }
}

function isWithin({ highest }: Boot, seq: number): boolean {
  return seq <= highest && highest - seq < WINDOW_SEQS;
}

function clashes(boot: Boot, record: ModelRecord): boolean {
  const { seq, kind } = record;
  if (kind === 0 || !isWithin(boot, seq) || !boot.seen.has(seq)) return false;
  return boot.seen.get(seq) !== printOf(record);
}

function take(boot: Boot, record: ModelRecord, result: ModelResult): void {
  const { seq, kind } = record;
  if (kind === 0) return void result.invalid.push(seq);
  if (isWithin(boot, seq) && boot.seen.has(seq)) {
    result.duplicates.push(seq);
    if (!boot.open.has(seq)) result.settledDuplicates.push(seq);
    return;
  }
  boot.highest = Math.max(boot.highest, seq);
  for (const old of boot.seen.keys()) {
    if (isWithin(boot, old)) continue;
    boot.seen.delete(old);
    boot.open.delete(old);
  }
  result.accepted.push(seq);
  if (!isWithin(boot, seq)) return;
  boot.seen.set(seq, printOf(record));
  boot.open.add(seq);
}
