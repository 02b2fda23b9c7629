// What each kind of record does: counts in its second, changes the drone that it is of, and has its rules look.
import type { Counting, Step } from "./counting.ts";
import type { Positions } from "./positions.ts";
import { isFlying, knownRemainingCpct } from "../drones/readings.ts";
import type { Attempts } from "./quarantine.ts";
import type { Rules } from "./rules.ts";

export interface RecordsParts {
  counting: Counting;
  positions: Positions;
  rules: Rules;
}

/** Applies the records of a batch, one kind after the other. */
export class Records {
  readonly #parts: RecordsParts;

  constructor(parts: RecordsParts) {
    this.#parts = parts;
  }

  /** All of them; what makes one kind throw stops no other. */
  apply(step: Step, attempts: Attempts): void {
    attempts.run(() => this.#positions(step));
    attempts.run(() => this.#batteries(step));
    attempts.run(() => this.#obstacles(step));
    attempts.run(() => this.#nearDuplicates(step));
  }

  #positions(step: Step): void {
    const { outputs, entry: { columns: { positions }, ingestionTimeUs: nowUs } } = step;
    this.#parts.counting.each(positions, step, ({ drone, isPresent, pane, i, eventTimeUs, measuredUs }) => {
      if (pane) {
        this.#parts.counting.records.position++;
        pane.addPosition(positions, i, eventTimeUs);
      }
      if (!isPresent) return;
      drone.observe({ seq: positions.seq[i]!, eventTimeUs, flags: positions.flags[i]! });
      if (!drone.observePosition(positions, i, eventTimeUs)) return;
      this.#parts.positions.observe(drone, positions, { i, eventTimeUs, measuredUs, nowUs, outputs });
    });
  }

  #batteries(step: Step): void {
    const { outputs, entry: { columns: { batteries }, ingestionTimeUs: nowUs } } = step;
    this.#parts.counting.each(batteries, step, ({ drone, isPresent, pane, i, eventTimeUs, measuredUs }) => {
      if (pane) {
        this.#parts.counting.records.battery++;
        pane.batteries++;
        const cpct = knownRemainingCpct(batteries, i);
        if (cpct !== null) pane.addCharge({ id: batteries.id[i]!, eventTimeUs, seq: batteries.seq[i]!, cpct });
      }
      if (!isPresent) return;
      const changed = drone.observe({ seq: batteries.seq[i]!, eventTimeUs, flags: batteries.flags[i]! });
      if (changed) this.#parts.positions.flagsChanged(drone, { eventTimeUs, nowUs, outputs });
      const battery = drone.batteries.observe(batteries, i, { eventTimeUs, measuredUs });
      if (battery) this.#parts.rules.battery(drone, battery, { eventTimeUs, outputs });
    });
  }

  #obstacles(step: Step): void {
    const { outputs, entry: { columns: { obstacles }, ingestionTimeUs: nowUs } } = step;
    const firstHits = firstHitsOf(obstacles.hitCount);
    this.#parts.counting.each(obstacles, step, ({ drone, isPresent, pane, i, eventTimeUs, measuredUs }) => {
      if (pane) {
        this.#parts.counting.records.obstacles++;
        pane.obstacles++;
      }
      if (!isPresent) return;
      const changed = drone.observe({ seq: obstacles.seq[i]!, eventTimeUs, flags: obstacles.flags[i]! });
      if (changed) this.#parts.positions.flagsChanged(drone, { eventTimeUs, nowUs, outputs });
      if (!isFlying(drone)) return;
      this.#parts.rules.obstacles(drone, obstacles, {
        i,
        firstHit: firstHits[i]!,
        eventTimeUs,
        measuredUs,
        nowUs,
        outputs,
      });
    });
  }

  #nearDuplicates(step: Step): void {
    this.#parts.counting.each(step.entry.columns.nearDuplicates, step, ({ drone, isPresent, pane, measuredUs }) => {
      if (isPresent) this.#parts.positions.confirm(drone, measuredUs);
      if (!pane) return;
      this.#parts.counting.records.nearDuplicate++;
      pane.positions++;
      pane.nearDuplicates++;
    });
  }
}

function firstHitsOf(hitCount: Uint32Array): Uint32Array {
  const firstHits = new Uint32Array(hitCount.length);
  for (let i = 1; i < hitCount.length; i++) firstHits[i] = firstHits[i - 1]! + hitCount[i - 1]!;
  return firstHits;
}
