// The fleet's numbers, once a second, coloured where they are no longer calm, and how many records came over the last two
// minutes.
import { setAttribute, setText } from "./dom.js";
import { drawSparkline } from "./sparkline.js";
import { levelOf, LossShare } from "./thresholds.js";
import { millisecondsWords, whole } from "./words.js";

const POINTS_MAX = 120;
const ALL_ZONES = "*";
const FLEETS_MAX = 100;

export class FleetNumbers {
  #element;
  #last = null;
  #rates = [];
  #batteries = new Map();
  #losses = new LossShare();

  constructor(element) {
    this.#element = element;
  }

  /** A FleetReport. */
  showFleet(fleet) {
    const { records } = fleet;
    if (this.#last && fleet.timeUs > this.#last.timeUs) {
      const seconds = (fleet.timeUs - this.#last.timeUs) / 1e6;
      const rate = Math.max(0, (records.received - this.#last.records.received) / seconds);
      this.#rates.push(rate);
      if (this.#rates.length > POINTS_MAX) this.#rates.shift();
      this.#set("rate", whole(rate));
      drawSparkline(this.#element("sparkline"), this.#rates, { pointsMax: POINTS_MAX });
    }
    this.#last = fleet;
    this.#losses.add({ timeUs: fleet.timeUs, lost: fleet.lostRecords, received: records.received });
    this.#set("drones", whole(fleet.drones));
    this.#set("airborne", whole(fleet.dronesAirborne));
    this.#set("link-lost", whole(fleet.dronesLinkLost), levelOf("linkLost", fleet.dronesLinkLost));
    this.#set(
      "latency",
      latency(fleet.sensorToWindowMs),
      levelOf("sensorToWindowMs", fleet.sensorToWindowMs?.p99 ?? null),
    );
    const alerts = fleet.sensorToAlertMs;
    this.#set("alert-latency", latency(alerts), levelOf("sensorToAlertMs", alerts?.p99 ?? null));
    this.#showLag(0);
    const share = records.accepted > 0 ? 100 * records.nearDuplicate / records.accepted : 0;
    this.#set("near-duplicates", `${whole(records.nearDuplicate)} (${share.toFixed(0)} %)`);
    this.#set(
      "losses",
      `${whole(records.late)} · ${whole(fleet.lostRecords)}`,
      levelOf("lostShare", this.#losses.value),
    );
  }

  /** Nothing has been heard for so long: by that much more the watermark is behind, as far as this page knows. */
  age(silentMs) {
    if (this.#last) this.#showLag(silentMs);
  }

  /** A window; the battery numbers come from the latest second of each fleet. */
  showWindow(window) {
    if (window.kind !== "tumbling" || window.zone !== ALL_ZONES) return;
    const known = this.#batteries.get(window.fleet);
    if (known && known.startUs > window.startUs) return;
    if (!known && this.#batteries.size >= FLEETS_MAX) return;
    if (window.battery.known === 0 && known) return;
    this.#batteries.set(window.fleet, { startUs: window.startUs, ...window.battery });
    let sum = 0;
    let count = 0;
    let min = Infinity;
    for (const battery of this.#batteries.values()) {
      if (battery.known === 0) continue;
      sum += battery.averageCpct * battery.known;
      count += battery.known;
      min = Math.min(min, battery.minCpct);
    }
    if (count === 0) return this.#set("battery", "unknown");
    const words = `${(sum / count / 100).toFixed(0)} % · ${(min / 100).toFixed(0)} %`;
    this.#set("battery", words, levelOf("batteryCpct", -min));
  }

  /** Another journal counts from the start. */
  clear() {
    this.#last = null;
    this.#rates = [];
    this.#batteries.clear();
    this.#losses = new LossShare();
    this.#set("battery", "–");
  }

  #showLag(silentMs) {
    const { watermarkLagMs } = this.#last;
    const lagMs = watermarkLagMs === null ? null : watermarkLagMs + silentMs;
    this.#set("watermark", lagMs === null ? "–" : millisecondsWords(lagMs), levelOf("watermarkLagMs", lagMs));
  }

  #set(id, text, level = "ok") {
    setText(this.#element(id), text);
    setAttribute(this.#element(id), "data-level", level === "ok" ? null : level);
  }
}

function latency(view) {
  const words = (ms) => ms < 100 ? ms.toFixed(1) : whole(ms);
  return view === null ? "–" : `${words(view.p50)} · ${words(view.p99)} ms`;
}
