// Topics: what a PUBLISH is about, what a filter stands for, and whose topics it is allowed to match.
import { DRONE_ID_BYTES_MAX } from "../../../proto/words.ts";

/** fleet/{droneId}/{what} */
export interface Topic {
  droneId: string;
  what: typeof TAKEN[number];
}

/** What is taken, and what is sent. */
const TAKEN = ["telemetry", "telemetry/json", "alerts/ack", "alerts/ack/json"] as const;
export const WARNING_TOPICS = ["alerts", "alerts/json"] as const;
export type WarningTopic = typeof WARNING_TOPICS[number];

/** UTF-8 bytes of a name or a filter, and its levels. */
const BYTES_MAX = 256;
const LEVELS_MAX = 8;

const encoder = new TextEncoder();

/** A name as it may stand in a PUBLISH or a will, whatever it is about (§4.7.1, §4.7.3). */
export function isTopicName(name: string): boolean {
  return isText(name) && !/[+#]/.test(name);
}

/** Null: nothing is taken there. */
export function readTopic(name: string): Topic | null {
  const { droneId, rest } = split(name);
  const what = TAKEN.find((what) => what === rest);
  return what !== undefined && isDroneId(droneId) && isText(name) ? { droneId, what } : null;
}

/** The drone that a topic is about, whatever it says of it; null: it is about none. */
export function droneOfTopic(name: string): string | null {
  const { droneId, rest } = split(name);
  return rest !== "" && isDroneId(droneId) ? droneId : null;
}

/** Null: an id with a character that means something in a topic has none. */
export function warningTopic(droneId: string, what: WarningTopic): string | null {
  return /[+#/\0]/.test(droneId) ? null : `fleet/${droneId}/${what}`;
}

/** Whether it is a filter at all: `#` stands at the end, and both wildcards for whole levels (§4.7.1). */
export function isFilter(filter: string): boolean {
  const levels = filter.split("/");
  if (!isText(filter) || levels.length > LEVELS_MAX) return false;
  return levels.every((level, i) => !/[+#]/.test(level) || level === "+" || (level === "#" && i === levels.length - 1));
}

/** The only drone whose topics a filter matches; null: those of several, or of none. */
export function droneOfFilter(filter: string): string | null {
  const { droneId, rest } = split(filter);
  return rest !== "" && isDroneId(droneId) ? droneId : null;
}

/** Whether a filter matches a name (§4.7): wildcards in front match none of those that begin with a dollar. */
export function matches(filter: string, name: string): boolean {
  if (name.startsWith("$") && /^[+#]/.test(filter)) return false;
  const [wanted, levels] = [filter.split("/"), name.split("/")];
  for (const [i, level] of wanted.entries()) {
    if (level === "#") return levels.length >= i;
    if (i >= levels.length || (level !== "+" && level !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}

/** Whether a filter matches a topic of warnings, of whatever drone. */
export function canMatchWarnings(filter: string): boolean {
  const droneId = droneOfFilter(filter) ?? "any";
  return WARNING_TOPICS.some((what) => matches(filter, `fleet/${droneId}/${what}`));
}

function split(name: string): { droneId: string; rest: string } {
  const [root, droneId = "", ...rest] = name.split("/");
  return root === "fleet" ? { droneId, rest: rest.join("/") } : { droneId: "", rest: "" };
}

function isDroneId(id: string): boolean {
  return id !== "" && !/[+#]/.test(id) && encoder.encode(id).length <= DRONE_ID_BYTES_MAX;
}

// What is no UTF-8 was read as U+FFFD.
function isText(text: string): boolean {
  return text !== "" && encoder.encode(text).length <= BYTES_MAX && !/[\0\ufffd]/.test(text);
}
