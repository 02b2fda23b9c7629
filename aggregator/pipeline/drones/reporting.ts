// How far apart the reports of a source usually are, by which a silence of it is judged: a receiver that is heard each five
// seconds is not lost after three, and a drone that tells ten times a second is.

/** Gaps that are remembered. */
const GAPS = 8;
/** Of as many as these the longest may be an outage: the one after it counts. */
const ROBUST_GAPS = 4;
/** A silence is out of the ordinary beyond so many usual gaps: one report may be lost. */
const USUAL_GAPS = 2;
/** No silence beyond this is ordinary, whoever's it is: half of how long a ghost is kept. */
const SILENCE_US_MAX = 30_000_000;

export interface SavedReporting {
  lastUs: number;
  gapsUs: number[];
  next: number;
}

/** The latest gaps between a source's reports. */
export class Reporting {
  #lastUs = -Infinity;
  #gapsUs: number[] = [];
  /** Where the next gap goes, once there are GAPS of them. */
  #next = 0;

  static restore({ lastUs, gapsUs, next }: SavedReporting): Reporting {
    const reporting = new Reporting();
    reporting.#lastUs = lastUs;
    reporting.#gapsUs = gapsUs;
    reporting.#next = next;
    return reporting;
  }

  save(): SavedReporting {
    return { lastUs: this.#lastUs, gapsUs: this.#gapsUs.slice(), next: this.#next };
  }

  /** Our clock was set. */
  shift(stepUs: number): void {
    this.#lastUs += stepUs;
  }

  /** The source reported, Unix µs; what is no later than the report before is a part of that. */
  heard(atUs: number): void {
    const gapUs = atUs - this.#lastUs;
    if (!(gapUs > 0)) return;
    this.#lastUs = atUs;
    if (gapUs === Infinity) return;
    if (this.#gapsUs.length < GAPS) this.#gapsUs.push(gapUs);
    else {
      this.#gapsUs[this.#next] = gapUs;
      this.#next = (this.#next + 1) % GAPS;
    }
  }

  /** How long it may be silent before that says something: `leastUs` at least. */
  silenceUs(leastUs: number): number {
    let [longestUs, secondUs] = [0, 0];
    for (const gapUs of this.#gapsUs) {
      if (gapUs > longestUs) [longestUs, secondUs] = [gapUs, longestUs];
      else if (gapUs > secondUs) secondUs = gapUs;
    }
    const usualUs = this.#gapsUs.length < ROBUST_GAPS ? longestUs : secondUs;
    return Math.max(leastUs, Math.min(SILENCE_US_MAX, USUAL_GAPS * usualUs));
  }
}
