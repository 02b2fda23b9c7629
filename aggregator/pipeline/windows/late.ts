// Records behind an expired window: gathered per drone and step, and handed to the late sink.
import type { LateRecords, Output } from "../../outputs.ts";

export class LateSink {
  readonly #byDrone = new Map<string, Omit<LateRecords, "edgeId">>();

  add(droneId: string, eventTimeUs: number): void {
    const late = this.#byDrone.get(droneId);
    if (!late) {
      const times = { firstEventTimeUs: eventTimeUs, lastEventTimeUs: eventTimeUs };
      this.#byDrone.set(droneId, { droneId, records: 1, ...times });
      return;
    }
    late.records++;
    late.firstEventTimeUs = Math.min(late.firstEventTimeUs, eventTimeUs);
    late.lastEventTimeUs = Math.max(late.lastEventTimeUs, eventTimeUs);
  }

  flush(edgeId: string, outputs: Output[]): void {
    for (const late of this.#byDrone.values()) outputs.push({ type: "late", late: { edgeId, ...late } });
  }
}
