// One drone in detail, once a second while it is chosen.

const REFRESH_MS = 1000;
const OFFERED_MAX = 500;
const FLAGS = ["armed", "in air", "on mission", "emergency", "returning", "landing", "geofence breach"];

export class DronePanel {
  #element;
  #onShow;
  #id = null;
  #timer = 0;
  #offered = 0;

  constructor(element, { onShow }) {
    this.#element = element;
    this.#onShow = onShow;
    element("find").addEventListener("submit", (event) => {
      event.preventDefault();
      this.show(element("drone-id").value);
    });
    element("drone-id").addEventListener("change", () => this.show(element("drone-id").value));
  }

  /** Ids that the field suggests. */
  offer(ids) {
    if (ids.length === this.#offered) return;
    this.#offered = ids.length;
    this.#element("drone-ids").replaceChildren(
      ...ids.slice(0, OFFERED_MAX).map((id) => {
        const option = document.createElement("option");
        option.value = id;
        return option;
      }),
    );
  }

  /** Chooses a drone; empty: none. */
  show(id) {
    clearTimeout(this.#timer);
    this.#id = id || null;
    this.#onShow(this.#id);
    this.#element("drone-id").value = id ?? "";
    if (this.#id !== null) return this.#refresh();
    this.#none("Choose a drone on the map.");
  }

  async #refresh() {
    const id = this.#id;
    let next = null;
    try {
      const response = await fetch(`/v1/drones/${encodeURIComponent(id)}`);
      next = response.ok ? await response.json() : { error: (await response.json()).error };
    } catch (error) {
      next = { error: `Cannot load the drone: ${error.message}` };
    }
    if (id !== this.#id) return;
    if (next.error) this.#none(next.error);
    else this.#draw(next);
    this.#timer = setTimeout(() => this.#refresh(), REFRESH_MS);
  }

  #none(reason) {
    this.#element("drone").hidden = true;
    this.#element("drone-none").hidden = false;
    this.#element("drone-none").textContent = reason;
  }

  #draw(drone) {
    this.#element("drone-none").hidden = true;
    const list = this.#element("drone");
    list.hidden = false;
    list.replaceChildren(
      ...rows(drone).flatMap(([name, value]) => {
        const term = document.createElement("dt");
        const detail = document.createElement("dd");
        term.textContent = name;
        detail.textContent = value;
        return [term, detail];
      }),
    );
  }
}

function rows(drone) {
  const { position, batteries } = drone;
  const flags = FLAGS.filter((_, bit) => drone.flags & (1 << bit)).join(", ");
  const list = [
    ["Id", drone.droneId],
    ["Fleet, zone", `${drone.fleet}, ${drone.zone}`],
    ["Edge, boot", `${drone.edgeId}, ${drone.bootId}`],
    ["State", drone.linkLost ? "link lost" : flags || "idle"],
    ["Records", drone.records.toLocaleString("en")],
    ["Heard", ago(drone.lastIngestionTimeUs)],
    ["Clock offset", `${(drone.clockOffsetUs / 1000).toFixed(1)} ms`],
  ];
  if (position) {
    list.push(
      ["Position", `${position.latDeg.toFixed(6)}, ${position.lonDeg.toFixed(6)}`],
      ["Altitude home, sea", `${metres(position.altHomeM)}, ${metres(position.altMslM)}`],
      ["Speed", `${Math.hypot(position.vnMps, position.veMps).toFixed(1)} m/s, ${(-position.vdMps).toFixed(1)} up`],
    );
  }
  for (const { id, remainingCpct, voltageMv, currentCa } of batteries) {
    const charge = remainingCpct === null ? "unknown" : `${(remainingCpct / 100).toFixed(1)} %`;
    const volts = voltageMv === null ? "" : `, ${(voltageMv / 1000).toFixed(2)} V`;
    const amperes = currentCa === null ? "" : `, ${(currentCa / 100).toFixed(1)} A`;
    list.push([`Battery ${id}`, `${charge}${volts}${amperes}`]);
  }
  return list;
}

function metres(value) {
  return value === null ? "–" : `${value.toFixed(1)} m`;
}

function ago(timeUs) {
  const seconds = Math.max(0, Date.now() / 1000 - timeUs / 1e6);
  return seconds < 2 ? "now" : `${seconds.toFixed(0)} s ago`;
}
