// Numbers and names as people read them: times of 24 hours, by UTC, and units.

const KINDS = {
  "link-loss": "Link loss",
  "battery-low": "Battery low",
  "battery-critical": "Battery critical",
  "clock-skew": "Clock wrong",
  "identity-clash": "Id used twice",
  "position-glitch": "Position wrong",
  "edge-lost": "Edge lost",
};

const TRANSITIONS = {
  raise: "New",
  escalate: "Worse",
  downgrade: "Less severe",
  remind: "Still open",
  acknowledge: "Acknowledged",
  resolve: "Resolved",
};

/** Of an alert. One that this page has never heard of is called what it is called. */
export function kindWords(kind) {
  return KINDS[kind] ?? sentence(String(kind).replaceAll("-", " "));
}

export function transitionWords(transition) {
  return TRANSITIONS[transition] ?? sentence(String(transition));
}

/** Unix ms as 13:04:05 UTC. */
export function clockWords(unixMs) {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? "–" : `${date.toISOString().slice(11, 19)} UTC`;
}

/** Unix ms as 2026-11-30 13:04:05 UTC. */
export function momentWords(unixMs) {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? "–" : `${date.toISOString().slice(0, 10)} ${clockWords(unixMs)}`;
}

/** How long ago something was, in seconds: 4 s, 3 min 5 s, 2 h 10 min. */
export function ageWords(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
}

/** A time in ms, in the unit that fits it. */
export function millisecondsWords(ms) {
  if (Math.abs(ms) < 1000) return `${whole(ms)} ms`;
  if (Math.abs(ms) < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 0 ? `−${ageWords(-ms / 1000)}` : ageWords(ms / 1000);
}

export function metresWords(metres) {
  if (metres === null || metres === undefined) return "–";
  const near = Math.abs(metres) < 10 ? metres.toFixed(1) : metres.toFixed(0);
  return Math.abs(metres) >= 10_000 ? `${(metres / 1000).toFixed(1)} km` : `${near} m`;
}

export function whole(value) {
  return Math.round(value).toLocaleString("en");
}

/** "1 alert", "2 alerts". */
export function counted(number, noun) {
  return `${whole(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** Up to three names, and how many more there are. */
export function namesWords(names) {
  if (names.length <= 3) return names.join(", ");
  return `${names.slice(0, 3).join(", ")} and ${whole(names.length - 3)} more`;
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Who may do all of that, in one word. */
export function roleWords(actions) {
  return actions.includes("administer") ? "admin" : actions.includes("operate") ? "operator" : "viewer";
}
