// The drones behind each edge at one moment: how many fly, have fallen silent, or are heard of late. Those whose link loss is
// told already are nobody's any more.
import { RecordFlag } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { Drone } from "../drones/drone.ts";

/** So many drones, and half of all, do not fall silent at the same time by chance. */
const MOST_MIN = 10;
/** What it told last says how promptly its edge hears it. */
const HEARD_US = 10_000_000;
/** So much later than the promptest of its boot. */
const LATE_US = 1_000_000;
/** Drones that an alert names. */
const NAMED_MAX = 16;

/** Drones behind one edge. */
export class Behind {
  /** In the air. */
  flying = 0;
  /** Of these: silent for half as long as a lost one, and for as long. */
  quiet = 0;
  silent = 0;
  /** Heard lately, in the air or not; how many of these are heard late, and by how much together, in µs. */
  heard = 0;
  late = 0;
  lateUs = 0;
  /** The first of those in the air, and of the silent ones. */
  readonly flyingIds: string[] = [];
  readonly silentIds: string[] = [];

  count(drone: Drone, { silenceUs, silentUs }: { silenceUs: number; silentUs: number }): void {
    if (silenceUs <= HEARD_US) {
      this.heard++;
      const { lateUs } = drone.clock;
      if (lateUs > LATE_US) {
        this.late++;
        this.lateUs += lateUs;
      }
    }
    if ((drone.flags & RecordFlag.IN_AIR) === 0 || drone.linkLost) return;
    this.flying++;
    if (this.flyingIds.length < NAMED_MAX) this.flyingIds.push(drone.droneId);
    if (silenceUs > silentUs / 2) this.quiet++;
    if (silenceUs <= silentUs) return;
    this.silent++;
    if (this.silentIds.length < NAMED_MAX) this.silentIds.push(drone.droneId);
  }
}

/** Too many of so many for chance. */
export function isMost(count: number, of: number): boolean {
  return count >= MOST_MIN && 2 * count >= of;
}

/**
 * All drones by the edge that heard them last.
 * @param sinceUs silence from before this time says nothing, Unix µs
 */
export function survey(
  drones: Iterable<Drone>,
  { nowUs, sinceUs, silentUs }: { nowUs: number; sinceUs: number; silentUs: number },
): Map<string, Behind> {
  const byEdge = new Map<string, Behind>();
  for (const drone of drones) {
    let behind = byEdge.get(drone.edgeId);
    if (!behind) byEdge.set(drone.edgeId, behind = new Behind());
    const silenceUs = nowUs - Math.max(drone.lastIngestionTimeUs, sinceUs);
    // One that tells rarely is silent for longer between two reports. Most are heard: nothing is asked of these.
    const ownUs = silenceUs > silentUs / 2 ? drone.reports.silenceUs(silentUs) : silentUs;
    behind.count(drone, { silenceUs, silentUs: ownUs });
  }
  return byEdge;
}
