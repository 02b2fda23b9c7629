// The ground truth of a simulated fleet: what was sent, which alerts must come of it, and that no others may.

export interface ExpectedAlert {
  kind: string;
  /** As `subjectOf` has it; ANYBODY where it is not known whom it will name. */
  droneId: string;
  /** It may be raised, and need not. */
  optional?: true;
  /** Unix µs, wall time: it must not be raised before, and must be by. */
  notBeforeUs: number;
  byUs: number;
}

/** How two drones came to meet; all but `converging` are the first of their pair. */
export type EncounterKind = "head-on" | "crossing" | "overtaking" | "vertical" | "converging";

/** Whoever is named. */
export const ANYBODY = "*";

/** Two drones on straight tracks past each other. */
export interface TrueEncounter {
  droneIds: [string, string];
  kind: EncounterKind;
  /** Through each other's protected cylinder; false: a near-miss, of which nobody should be warned. */
  conflict: boolean;
  /** Unix µs of the start of these tracks: from then on it is predictable. */
  fromUs: number;
  /** Unix µs of the closest approach, and the distances then. */
  atUs: number;
  horizontalM: number;
  verticalM: number;
}

export interface TrueGlitch {
  droneId: string;
  atUs: number;
  sort: "jump" | "no-fix" | "null-island";
}

/** Records of one boot of a drone; all sequence numbers from first to last were sent. */
export interface SentRange {
  droneId: string;
  bootId: number;
  /** Of several drones with one id and boot. */
  twin?: number;
  firstSeq: number;
  lastSeq: number;
}

export interface GroundTruth {
  scenario: string;
  seed: number;
  expectedAlerts: ExpectedAlert[];
  encounters: TrueEncounter[];
  glitches: TrueGlitch[];
  sent: SentRange[];
  /** Each record once, however often it was sent. */
  records: { position: number; battery: number; obstacles: number };
  /** Records that were sent once more. */
  duplicateRecords: number;
  malformedFrames: number;
}

/** Kinds that the ground truth speaks about; it makes no claim about the others. */
const JUDGED_KINDS = [
  "battery-low",
  "battery-critical",
  "link-loss",
  "clock-skew",
  "conflict",
  "crowd",
  "obstacle",
  "position-glitch",
  "identity-clash",
];

export interface SeenAlert {
  kind: string;
  /** As `subjectOf` has it. */
  droneId: string;
  raisedUs: number;
}

/** The drones that an alert concerns, as one name: the id of one; of several a list that no id can be taken for. */
export function subjectOf(droneIds: string[]): string {
  const [only = "", ...others] = droneIds.toSorted();
  return others.length === 0 && !only.startsWith("[") ? only : JSON.stringify(droneIds.toSorted());
}

export interface AlertComparison {
  matches: boolean;
  missing: ExpectedAlert[];
  /** Raised without cause, twice, too early or too late. */
  unexpected: SeenAlert[];
}

/**
 * Compares alerts of JUDGED_KINDS with the truth, for a run that ended at `endUs` (Unix µs, wall time): an alert that
 * still had time to come is not missing.
 */
export function compareAlerts(
  expected: ExpectedAlert[],
  { seen, endUs }: { seen: SeenAlert[]; endUs: number },
): AlertComparison {
  const open = [...expected];
  const unexpected: SeenAlert[] = [];
  for (const alert of seen) {
    if (!JUDGED_KINDS.includes(alert.kind)) continue;
    const index = open.findIndex((e) =>
      e.kind === alert.kind && (e.droneId === alert.droneId || e.droneId === ANYBODY) &&
      alert.raisedUs >= e.notBeforeUs &&
      alert.raisedUs <= e.byUs
    );
    if (index === -1) unexpected.push(alert);
    else open.splice(index, 1);
  }
  const missing = open.filter(({ byUs, optional }) => byUs <= endUs && !optional);
  return { matches: missing.length === 0 && unexpected.length === 0, missing, unexpected };
}
