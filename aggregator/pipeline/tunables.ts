// The settings that an operator may change while the pipeline runs, and within which bounds: thresholds and times. What
// sizes memory is not among them.
import type { NumberNames } from "./named.ts";
import type { PipelineSettings } from "./settings.ts";

/** One of them; its unit stands at the end of its name. */
export interface Tunable {
  min: number;
  max: number;
  /** It has no fraction. */
  isWhole: boolean;
  /** For people: what it decides. */
  about: string;
}

type Name = NumberNames<PipelineSettings>;

type Bounds = [min: number, max: number];

const real = ([min, max]: Bounds, about: string): Tunable => ({ min, max, isWhole: false, about });
const whole = ([min, max]: Bounds, about: string): Tunable => ({ min, max, isWhole: true, about });
/** Bounds in seconds of what is in µs. */
const us = ([minS, maxS]: Bounds, about: string): Tunable => whole([minS * 1e6, maxS * 1e6], about);

const BY_NAME = {
  "outOfOrdernessUs": us([0, 5], "event time stays so far behind the latest record"),
  "edgeIdleUs": us([1, 60], "an edge without news for so long holds event time back no more"),
  "heldBackUsMax": us([0, 30], "nor does one that is so far behind the others"),
  "revisionUs": us([0.1, 60], "between two revisions of a window"),
  "battery.lowCpct": whole([1, 8000], "charge at which a battery is low"),
  "battery.criticalCpct": whole([0, 7999], "charge at which it is critical"),
  "battery.hysteresisCpct": whole([0, 2000], "so much above it the alert ends"),
  "battery.lowCellMv": whole([2001, 4000], "volts of a cell at which a battery is low, where its charge is unknown"),
  "battery.criticalCellMv": whole([2000, 3999], "and is critical"),
  "battery.hysteresisCellMv": whole([0, 240], "so much above it the alert ends"),
  "battery.debounceUs": us([0, 120], "a battery must be low, or good again, for so long"),
  "obstacle.warnRangeCm": whole([50, 20_000], "an obstacle so near is a warning"),
  "obstacle.criticalRangeCm": whole([20, 10_000], "and is critical"),
  "obstacle.warnTimeS": real([0, 60], "an obstacle that is reached so soon is a warning"),
  "obstacle.criticalTimeS": real([0, 30], "and is critical"),
  "obstacle.clearUs": us([0.1, 60], "an alert of an obstacle ends after so long without it"),
  "airspace.warning.radiusM": real([5, 1000], "two drones so near each other conflict: sideways"),
  "airspace.warning.halfHeightM": real([2, 300], "and in height"),
  "airspace.warning.lookAheadS": real([2, 120], "now, or so soon"),
  "airspace.critical.radiusM": real([2, 1000], "the same of a critical conflict"),
  "airspace.critical.halfHeightM": real([1, 300], "in height"),
  "airspace.critical.lookAheadS": real([1, 120], "so soon"),
  "airspace.stagedWarningM": real([10, 2000], "two drones of which one has no velocity conflict so near each other"),
  "airspace.stagedCriticalM": real([5, 2000], "and critically"),
  "airspace.crewedWarning.dthrM": real(
    [50, 5000],
    "a drone and a crewed aircraft conflict so near each other: sideways",
  ),
  "airspace.crewedWarning.zthrM": real([10, 1000], "in height"),
  "airspace.crewedWarning.tthrS": real([0, 120], "with a modified tau of so much"),
  "airspace.crewedWarning.tcoaS": real([0, 120], "and so long until both are at one height"),
  "airspace.crewedWarning.lookAheadS": real([2, 120], "now, or so soon"),
  "airspace.crewedCritical.dthrM": real([50, 5000], "the same of a critical conflict: sideways"),
  "airspace.crewedCritical.zthrM": real([10, 1000], "in height"),
  "airspace.crewedCritical.tthrS": real([0, 120], "modified tau"),
  "airspace.crewedCritical.tcoaS": real([0, 120], "until both are at one height"),
  "airspace.crewedCritical.lookAheadS": real([1, 120], "so soon"),
  "airspace.sigmas": real([0, 5], "volumes grow by so many standard deviations of the position"),
  "airspace.hAccM": real([0, 50], "one of them where the drone does not tell it: sideways"),
  "airspace.vAccM": real([0, 50], "in height"),
  "airspace.hysteresis": real([1, 3], "an open conflict ends outside volumes that are so many times larger"),
  "airspace.clearUs": us([0.1, 60], "and so long outside"),
  "airspace.ghostAfterUs": us([0.5, 30], "a drone in the air that is silent for so long is a ghost"),
  "airspace.ghostSpeedMps": real([0, 50], "a ghost may have moved so fast, even if it hovered"),
  "airspace.ghostRadiusMaxM": real([10, 5000], "a ghost does not grow beyond it: sideways"),
  "airspace.ghostHeightMaxM": real([5, 1000], "in height"),
  "airspace.ghostExpiresUs": us([5, 600], "after so much silence nobody is warned of it"),
  "airspace.speedMaxMps": real([10, 300], "a velocity above it is taken for not measured"),
  "airspace.crowdPairs": whole([2, 24], "more drones within one's warning volume are a crowd"),
  "airspace.crowdReviewUs": us([0.2, 60], "a crowd is told anew so often at most"),
  "airspace.crowdPairsOfDroneMax": whole([1, 16], "conflicts within its crowd that a drone is told of"),
  "linkLossUs": us([0.5, 600], "a drone in the air that is silent for so long has lost its link"),
  "clockGoodUs": us([1, 600], "an alert of a wrong clock ends after so long without"),
  "positionGoodUs": us([1, 600], "an alert of positions that cannot be ends after so long without"),
  "clashGoodUs": us([1, 600], "an alert of two drones with one id ends after so long without"),
  "reminderUs": us([1, 3600], "between two reminders of an open alert"),
  "urgentReminderUs": us([1, 3600], "the same of conflicts, crowds and obstacles"),
} satisfies { [N in Name]?: Tunable };

/** All of them, by name. */
export const TUNABLES: ReadonlyMap<string, Tunable> = new Map(Object.entries(BY_NAME));

/** Values that must keep an order: the first is at most the second, or with "<" below it. */
const ORDERS: [keyof typeof BY_NAME, "<" | "<=", keyof typeof BY_NAME][] = [
  ["battery.criticalCpct", "<", "battery.lowCpct"],
  ["battery.criticalCellMv", "<", "battery.lowCellMv"],
  ["obstacle.criticalRangeCm", "<=", "obstacle.warnRangeCm"],
  ["obstacle.criticalTimeS", "<=", "obstacle.warnTimeS"],
  ["airspace.critical.radiusM", "<=", "airspace.warning.radiusM"],
  ["airspace.critical.halfHeightM", "<=", "airspace.warning.halfHeightM"],
  ["airspace.critical.lookAheadS", "<=", "airspace.warning.lookAheadS"],
  ["airspace.stagedCriticalM", "<=", "airspace.stagedWarningM"],
  ["airspace.crewedCritical.dthrM", "<=", "airspace.crewedWarning.dthrM"],
  ["airspace.crewedCritical.zthrM", "<=", "airspace.crewedWarning.zthrM"],
  ["airspace.crewedCritical.tthrS", "<=", "airspace.crewedWarning.tthrS"],
  ["airspace.crewedCritical.lookAheadS", "<=", "airspace.crewedWarning.lookAheadS"],
  ["airspace.ghostAfterUs", "<", "airspace.ghostExpiresUs"],
  ["urgentReminderUs", "<=", "reminderUs"],
];

/** What is wrong with values that are each within their bounds, when they hold together. */
export function disorders(values: ReadonlyMap<string, number>): string[] {
  return ORDERS.flatMap(([lower, order, upper]) => {
    const [least, most] = [values.get(lower)!, values.get(upper)!];
    const isRight = order === "<" ? least < most : least <= most;
    const must = order === "<" ? "be below" : "not be above";
    return isRight ? [] : [`${lower} is ${least}: must ${must} ${upper}, which is ${most}`];
  });
}
