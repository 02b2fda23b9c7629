// What a drone remembers of the alerts it received: enough to act once on each change, whoever repeats it.
import { create, toBinary } from "@bufbuild/protobuf";
import { type Alert, AlertState } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
import { TelemetryFrameSchema } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { DroneIdentity } from "./frame.ts";

/** Where a condition stands, as far as the drone was told. */
interface Standing {
  alertId: bigint;
  revision: number;
  changedTimeUs: bigint;
  /** The AlertSeverity handed on last; 0 once resolved. */
  level: number;
}

/** Conditions remembered; the one not heard of for longest goes first, and is news when it comes back. */
const CONDITIONS_MAX = 256;
/** A condition raised so much later is raised anew: the word that it was over may have been lost. */
const OPEN_US_MAX = 30_000_000n;

export class AlertInbox {
  readonly #standings = new Map<string, Standing>();

  /**
   * Remembers an alert, and says whether to act on it: true once for each alert and revision. An aggregator repeats an
   * alert until it is acknowledged; one that died before it had journalled the alert raises the open condition again,
   * under another id. When in doubt, what is more severe is news, and a resolution that is older than the alert is not.
   */
  take({ kind, droneIds, detail, alertId, revision, changedTimeUs, state, severity }: Alert): boolean {
    const condition = JSON.stringify([kind, droneIds.toSorted(), detail]);
    const said = { alertId, revision, changedTimeUs, level: state === AlertState.RESOLVED ? 0 : severity };
    const known = this.#standings.get(condition);
    const isNews = !known || isNewsAfter(known, said);
    this.#standings.delete(condition);
    this.#standings.set(condition, isNews ? said : merge(known, said));
    for (const oldest of this.#standings.keys()) {
      if (this.#standings.size <= CONDITIONS_MAX) break;
      this.#standings.delete(oldest);
    }
    return isNews;
  }
}

function isNewsAfter(known: Standing, said: Standing): boolean {
  if (said.alertId === known.alertId && said.revision !== known.revision) return said.revision > known.revision;
  // Another alert, or a number given twice by an aggregator that forgot the first: what it says decides.
  if (said.level === 0) return known.level > 0 && said.changedTimeUs >= known.changedTimeUs;
  return said.level > known.level || said.changedTimeUs - known.changedTimeUs > OPEN_US_MAX;
}

// A condition raised again goes on under its new id: the old one's resolution, should it still come, does not end it.
function merge(known: Standing, said: Standing): Standing {
  const isOther = said.alertId !== known.alertId && said.changedTimeUs >= known.changedTimeUs;
  return isOther ? { ...said, level: known.level } : known;
}

/** The frame that acknowledges an alert received at `nowMs`, Unix ms: owed for every one, however late or often. */
export function encodeAlertAck(
  { alertId, revision }: Alert,
  { identity: { droneId, bootId }, nowMs }: { identity: DroneIdentity; nowMs: number },
): Uint8Array<ArrayBuffer> {
  // A drone's clock may say anything: before 1970 is 1970.
  const receivedTimeUs = BigInt(Math.floor(Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, nowMs * 1000 || 0))));
  const alertAcks = [{ alertId, receivedTimeUs, revision }];
  return toBinary(TelemetryFrameSchema, create(TelemetryFrameSchema, { droneId, bootId, alertAcks }));
}
