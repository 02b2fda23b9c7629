// The fleet's numbers, once a second, and how many records came over the last two minutes.

const POINTS_MAX = 120;
const ALL_ZONES = "*";
const FLEETS_MAX = 100;

export class FleetNumbers {
  #element;
  #last = null;
  #rates = [];
  #batteries = new Map();

  constructor(element) {
    this.#element = element;
  }

  /** A FleetReport. */
  showFleet(fleet) {
    if (this.#last && fleet.timeUs > this.#last.timeUs) {
      const seconds = (fleet.timeUs - this.#last.timeUs) / 1e6;
      const rate = Math.max(0, (fleet.records.received - this.#last.records.received) / seconds);
      this.#rates.push(rate);
      if (this.#rates.length > POINTS_MAX) this.#rates.shift();
      this.#set("rate", whole(rate));
      this.#drawSparkline();
    }
    this.#last = fleet;
    const { records } = fleet;
    this.#set("drones", whole(fleet.drones));
    this.#set("airborne", whole(fleet.dronesAirborne));
    this.#set("link-lost", whole(fleet.dronesLinkLost));
    this.#set("latency", latency(fleet.sensorToWindowMs));
    this.#set("alert-latency", latency(fleet.sensorToAlertMs));
    this.#set("watermark", fleet.watermarkLagMs === null ? "–" : milliseconds(fleet.watermarkLagMs));
    const share = records.accepted > 0 ? 100 * records.nearDuplicate / records.accepted : 0;
    this.#set("near-duplicates", `${whole(records.nearDuplicate)} (${share.toFixed(0)} %)`);
    this.#set("losses", `${whole(records.late)} · ${whole(fleet.lostRecords)}`);
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
    this.#set("battery", count === 0 ? "unknown" : `${(sum / count / 100).toFixed(0)} % · ${(min / 100).toFixed(0)} %`);
  }

  #set(id, text) {
    this.#element(id).textContent = text;
  }

  #drawSparkline() {
    const canvas = this.#element("sparkline");
    const scale = devicePixelRatio;
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    const context = canvas.getContext("2d");
    const max = Math.max(1, ...this.#rates);
    context.strokeStyle = getComputedStyle(canvas).getPropertyValue("--ok");
    context.lineWidth = 1.5 * scale;
    context.lineJoin = "round";
    context.beginPath();
    const inset = context.lineWidth;
    for (const [i, rate] of this.#rates.entries()) {
      const x = canvas.width - inset - (this.#rates.length - 1 - i) * (canvas.width - 2 * inset) / (POINTS_MAX - 1);
      const y = canvas.height - inset - (rate / max) * (canvas.height - 2 * inset);
      context.lineTo(x, y);
    }
    context.stroke();
  }
}

function whole(value) {
  return Math.round(value).toLocaleString("en");
}

function latency(view) {
  return view === null ? "–" : `${view.p50.toFixed(1)} · ${view.p99.toFixed(1)} ms`;
}

function milliseconds(ms) {
  return Math.abs(ms) < 10_000 ? `${whole(ms)} ms` : `${whole(ms / 1000)} s`;
}
