// What the page knows of alerts: those that are open, severest first, and those that ended within the last hour. News may
// come twice, late, or from a list that was older than the latest event: the higher revision is right.

const RESOLVED_US_MAX = 3600e6;
const RESOLVED_MAX = 500;
const OPEN_MAX = 20_000;

/** Numbers begin anew with a new journal, which the time of raising tells. */
export function keyOf({ alertId, raisedTimeUs }) {
  return `${alertId}/${raisedTimeUs}`;
}

/** Critical before warning, before whatever else there may be; what nobody has seen first; then the newest. */
export function severestFirst(a, b) {
  return rank(a) - rank(b) || Number(a.acknowledgedBy !== null) - Number(b.acknowledgedBy !== null) ||
    b.raisedTimeUs - a.raisedTimeUs || b.alertId - a.alertId;
}

function rank({ severity }) {
  return severity === "critical" ? 0 : severity === "warning" ? 1 : 2;
}

export class AlertBook {
  #open = new Map();
  #resolved = new Map();
  /** Keys that events spoke of since each of the lists under way was asked for. */
  #asked = new Set();

  /** An event. @returns whether it is news */
  apply(alert) {
    const key = keyOf(alert);
    for (const spokenOf of this.#asked) spokenOf.add(key);
    const known = this.#open.get(key) ?? this.#resolved.get(key);
    if (known && known.revision >= alert.revision) return false;
    this.#put(key, alert);
    return true;
  }

  /** A list of all open alerts is asked for; hand what this returns to `loaded`, with the list. */
  asking() {
    const spokenOf = new Set();
    this.#asked.add(spokenOf);
    return spokenOf;
  }

  /** The list has come; null: it has not. `complete`: what is not in it has ended. @returns whether anything changed */
  loaded(spokenOf, alerts, { complete = true } = {}) {
    this.#asked.delete(spokenOf);
    if (alerts === null) return false;
    let changed = false;
    const listed = new Set();
    for (const alert of alerts) {
      const key = keyOf(alert);
      listed.add(key);
      const known = this.#open.get(key) ?? this.#resolved.get(key);
      if (known && known.revision >= alert.revision) continue;
      this.#put(key, alert);
      changed = true;
    }
    for (const [key, alert] of complete ? [...this.#open] : []) {
      if (listed.has(key) || spokenOf.has(key)) continue;
      this.#put(key, { ...alert, transition: "resolve" });
      changed = true;
    }
    return changed;
  }

  /** Alerts that ended before the page was opened. */
  remember(alerts) {
    for (const alert of alerts) {
      const key = keyOf(alert);
      if (alert.transition === "resolve" && !this.#open.has(key) && !this.#resolved.has(key)) this.#put(key, alert);
    }
  }

  clear() {
    this.#open.clear();
    this.#resolved.clear();
  }

  get(key) {
    return this.#open.get(key) ?? this.#resolved.get(key);
  }

  /** Severest first. */
  open() {
    return [...this.#open.values()].sort(severestFirst);
  }

  get size() {
    return this.#open.size;
  }

  counts() {
    let critical = 0;
    for (const { severity } of this.#open.values()) if (severity === "critical") critical++;
    return { open: this.#open.size, critical };
  }

  /** Of the last hour, the latest first; `nowUs` by the aggregator's clock. */
  resolved(nowUs) {
    for (const [key, { changedTimeUs }] of this.#resolved) {
      if (nowUs !== null && changedTimeUs < nowUs - RESOLVED_US_MAX) this.#resolved.delete(key);
    }
    return [...this.#resolved.values()].sort((a, b) => b.changedTimeUs - a.changedTimeUs);
  }

  /** The worst open severity of each drone. */
  severities() {
    const worst = new Map();
    for (const { droneIds, severity } of this.#open.values()) {
      for (const id of droneIds) if (worst.get(id) !== "critical") worst.set(id, severity);
    }
    return worst;
  }

  #put(key, alert) {
    if (alert.transition !== "resolve") {
      if (this.#open.size < OPEN_MAX || this.#open.has(key)) this.#open.set(key, alert);
      return;
    }
    this.#open.delete(key);
    this.#resolved.delete(key);
    this.#resolved.set(key, alert);
    if (this.#resolved.size > RESOLVED_MAX) this.#resolved.delete(this.#resolved.keys().next().value);
  }
}
