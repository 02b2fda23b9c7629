// From which value on a number is no longer calm: "ok", "warn" or "bad".

/** [warn from, bad from] */
const LIMITS = {
  watermarkLagMs: [2000, 10_000],
  sensorToWindowMs: [1000, 5000],
  sensorToAlertMs: [250, 1000],
  /** Of the records of the last minute. */
  lostShare: [Number.MIN_VALUE, 0.01],
  linkLost: [1, Infinity],
  batteryCpct: [-2500, -1500],
  edgeLevel: [1, 3],
  edgeBacklogMs: [2000, 10_000],
  droneSilentS: [3, 10],
};

/** @param value null where unknown: that is nothing to worry about by itself */
export function levelOf(name, value) {
  const [warn, bad] = LIMITS[name];
  if (value === null || value < warn) return "ok";
  return value < bad ? "warn" : "bad";
}

/** The worst of some levels. */
export function worst(levels) {
  return levels.includes("bad") ? "bad" : levels.includes("warn") ? "warn" : "ok";
}

/** Records that were lost, of those that came, over the last minute. */
export class LossShare {
  #samples = [];

  /** Totals at a time in µs. A smaller total than before: another process counts. */
  add({ timeUs, lost, received }) {
    const last = this.#samples.at(-1);
    if (last && (lost < last.lost || received < last.received || timeUs < last.timeUs)) this.#samples = [];
    this.#samples.push({ timeUs, lost, received });
    while (this.#samples.length > 2 && this.#samples[1].timeUs <= timeUs - 60e6) this.#samples.shift();
  }

  get value() {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || last.lost === first.lost) return 0;
    const lost = last.lost - first.lost;
    return lost / Math.max(1, lost + last.received - first.received);
  }
}
