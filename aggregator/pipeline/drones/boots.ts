// The boots of one drone: which of them is the present one, whose records say how the drone is now, and which sequence
// numbers of each were seen. The drone's own clock decides neither: a boot takes over when it is first heard, unless what is
// heard of it may be a leftover; and two that go on speaking are two drones.
import { SeqSet } from "./seq_set.ts";

/** A record, as far as boots are concerned. */
export interface BootRecord {
  bootId: number;
  eventTimeUs: number;
  /** Ingestion time. */
  nowUs: number;
  /** Its batch waited at the edge: it says nothing about now. */
  delayed: boolean;
}

/** `clash`: the record's boot and the present one speak at the same time. */
export type BootVerdict = "present" | "past" | "began" | "clash";

/** A boot that is not the present one, and speaks. */
interface Rival {
  bootId: number;
  firstUs: number;
  lastUs: number;
  records: number;
}

/** Gives sequence numbers that slots refer to as well their number, and takes them back by that. */
export interface BootNumbers {
  boot: (seqs: SeqSet) => number;
}
export interface NumberedBoots {
  boot: (number: number) => SeqSet;
}

export interface SavedBoots {
  present: number | null;
  /** Boot ids, and numbers of what is known of them. */
  seqs: [bootId: number, seqs: number][];
  former: number[];
  presentUs: number;
  tookOverUs: number;
  eventUs: number;
  beganEventUs: number;
  rival: Rival | null;
}

const BOOTS_MAX = 4;
const FORMER_MAX = 16;
/** A boot that nobody can tell from an earlier one is the present one after so much silence of the other. */
const SILENT_US = 500_000;
/** One that spoke before the present boot did, and goes on for so long, this often: the drone is there as well, or again. */
const CLASH_US = 1_000_000;
const CLASH_RECORDS = 5;
/** A rival that has not been heard for so long was a leftover. */
const RIVAL_US = 5_000_000;

export class Boots {
  readonly #seqs = new Map<number, SeqSet>();
  #present: number | null = null;
  /** Boots that were the present one before. */
  #former: number[] = [];
  /** When the present boot was last heard, and the latest event time that it told in sequence. */
  #presentUs = -Infinity;
  #tookOverUs = -Infinity;
  #eventUs = -Infinity;
  /** Event time of its first record: what an earlier boot left behind was measured before, by the same clock. */
  #beganEventUs = -Infinity;
  #rival: Rival | null = null;

  save(numbers: BootNumbers): SavedBoots {
    return {
      present: this.#present,
      seqs: [...this.#seqs].map(([bootId, seqs]) => [bootId, numbers.boot(seqs)]),
      former: [...this.#former],
      presentUs: this.#presentUs,
      tookOverUs: this.#tookOverUs,
      eventUs: this.#eventUs,
      beganEventUs: this.#beganEventUs,
      rival: this.#rival && { ...this.#rival },
    };
  }

  restore(
    { present, seqs, former, presentUs, tookOverUs, eventUs, beganEventUs, rival }: SavedBoots,
    numbered: NumberedBoots,
  ): void {
    this.#present = present;
    for (const [bootId, number] of seqs) this.#seqs.set(bootId, numbered.boot(number));
    this.#former = former;
    this.#presentUs = presentUs;
    this.#tookOverUs = tookOverUs;
    this.#eventUs = eventUs;
    this.#beganEventUs = beganEventUs;
    this.#rival = rival;
  }

  /** When the present boot took the place of another; -Infinity: it is the first. */
  get tookOverUs(): number {
    return this.#tookOverUs;
  }

  /** 0 before the first record. */
  get present(): number {
    return this.#present ?? 0;
  }

  /** The sequence numbers seen of a boot. Of boots beyond the fourth those of the one defined first are forgotten. */
  seqsOf(bootId: number): SeqSet {
    let seqs = this.#seqs.get(bootId);
    if (!seqs) {
      const oldest = [...this.#seqs.keys()].find((known) => known !== this.#present);
      if (this.#seqs.size >= BOOTS_MAX && oldest !== undefined) this.#seqs.delete(oldest);
      this.#seqs.set(bootId, seqs = new SeqSet());
    }
    return seqs;
  }

  /** The same where the boot was heard or defined before. */
  known(bootId: number): SeqSet | undefined {
    return this.#seqs.get(bootId);
  }

  /** Another drone speaks as this boot: it takes along what was seen. */
  take(bootId: number): SeqSet | undefined {
    const seqs = this.#seqs.get(bootId);
    this.#seqs.delete(bootId);
    if (this.#rival?.bootId === bootId) this.#rival = null;
    return seqs;
  }

  /** What another drone took along. */
  give(bootId: number, seqs: SeqSet): void {
    this.#seqs.set(bootId, seqs);
  }

  /** A record that was not seen before. `began`: its boot is the present one from now on. */
  judge(record: BootRecord): BootVerdict {
    const { bootId, eventTimeUs, nowUs, delayed } = record;
    if (bootId === this.#present) {
      if (!delayed) this.#presentUs = nowUs;
      if (eventTimeUs > this.#eventUs) this.#eventUs = eventTimeUs;
      return "present";
    }
    if (this.#present === null) return this.#begin(record);
    if (delayed) return "past";
    const rival = this.#rivalOf(record);
    rival.lastUs = nowUs;
    rival.records++;
    const silentUs = nowUs - this.#presentUs;
    if (!this.#former.includes(bootId)) {
      const isReboot = eventTimeUs >= this.#eventUs || (rival.records > 1 && silentUs >= SILENT_US);
      if (isReboot) return this.#begin(record);
    }
    if (rival.records < CLASH_RECORDS || nowUs - rival.firstUs < CLASH_US) return "past";
    if (silentUs >= CLASH_US) return this.#begin(record);
    return eventTimeUs >= this.#beganEventUs ? "clash" : "past";
  }

  /** Our own clock was set. */
  shift(stepUs: number): void {
    this.#presentUs += stepUs;
    this.#tookOverUs += stepUs;
    if (!this.#rival) return;
    this.#rival.firstUs += stepUs;
    this.#rival.lastUs += stepUs;
  }

  #rivalOf({ bootId, nowUs }: BootRecord): Rival {
    const rival = this.#rival;
    if (rival?.bootId === bootId && nowUs - rival.lastUs < RIVAL_US) return rival;
    return this.#rival = { bootId, firstUs: nowUs, lastUs: nowUs, records: 0 };
  }

  #begin({ bootId, eventTimeUs, nowUs }: BootRecord): "began" {
    if (this.#present !== null) this.#tookOverUs = nowUs;
    if (this.#present !== null) this.#former = [...this.#former, this.#present].slice(-FORMER_MAX);
    this.#former = this.#former.filter((former) => former !== bootId);
    this.#present = bootId;
    this.#presentUs = nowUs;
    this.#eventUs = this.#beganEventUs = eventTimeUs;
    this.#rival = null;
    return "began";
  }
}
