// One drone in detail, asked for each second while it is chosen. How long ago it was heard goes on counting when nobody
// answers any more.
import { arrange, make, setAttribute, setText } from "./dom.js";
import { ask } from "./requests.js";
import { levelOf } from "./thresholds.js";
import { ageWords, metresWords, whole } from "./words.js";

const REFRESH_MS = 1000;
const LIMIT_MS = 3000;
const OFFERED_MAX = 500;
const FLAGS = ["armed", "in air", "on mission", "emergency", "returning", "landing", "geofence breach"];

export class DronePanel {
  #element;
  #onShow;
  #onFollow;
  #serverUs;
  #session;
  #id = null;
  #shown = null;
  #timer = 0;
  #offered = [];
  #rows = new Map();

  /** @param onShow a drone is chosen, or none; `onFollow`: it is to be shown on the map; `session`: whose page it is */
  constructor(element, { onShow, onFollow, serverUs, session }) {
    this.#element = element;
    this.#onShow = onShow;
    this.#onFollow = onFollow;
    this.#serverUs = serverUs;
    this.#session = session;
    element("find").addEventListener("submit", (event) => {
      event.preventDefault();
      this.show(element("drone-id").value);
      this.#onFollow(this.#id);
    });
    element("drone-id").addEventListener("change", () => this.show(element("drone-id").value));
    element("drone-follow").addEventListener("click", () => this.#onFollow(this.#id));
  }

  /** Ids that the field suggests, sorted: the array that was offered before has not changed. */
  offer(ids) {
    if (ids === this.#offered) return;
    this.#offered = ids;
    const option = (id) => make("option", { value: id });
    this.#element("drone-ids").replaceChildren(...ids.slice(0, OFFERED_MAX).map(option));
  }

  /** Chooses a drone; empty: none. */
  show(id) {
    clearTimeout(this.#timer);
    this.#id = id || null;
    this.#shown = null;
    this.#onShow(this.#id);
    this.#element("drone-id").value = id ?? "";
    setText(this.#element("map-said"), this.#id === null ? "" : `Chosen: ${this.#id}`);
    if (this.#id !== null) return this.#refresh();
    this.#tell("Choose a drone on the map, or by its id.");
    this.#forget();
  }

  /** Time has passed. */
  tick() {
    if (this.#shown === null) return;
    const nowUs = this.#serverUs();
    const silentS = nowUs === null ? 0 : (nowUs - this.#shown.lastIngestionTimeUs) / 1e6;
    setText(this.#element("drone-heard"), `${ageWords(silentS)} ago`);
    const level = this.#shown.linkLost ? "bad" : levelOf("droneSilentS", silentS);
    setAttribute(this.#element("drone-heard"), "data-level", level === "ok" ? null : level);
  }

  async #refresh() {
    const id = this.#id;
    if (this.#session.isIn) await this.#ask(id);
    if (id === this.#id) this.#timer = setTimeout(() => this.#refresh(), REFRESH_MS);
  }

  async #ask(id) {
    const { body, error, status } = await ask(`/v1/drones/${encodeURIComponent(id)}`, { limitMs: LIMIT_MS });
    if (id !== this.#id) return;
    if (body) this.#draw(body);
    // Nobody knows it any more. Without an answer, what was known stays, and ages.
    else if (status === 404) this.#forget();
    this.#tell(body ? "" : status === 404 ? error : `Not up to date: ${error}`);
  }

  #forget() {
    this.#shown = null;
    this.#element("drone-box").hidden = true;
  }

  #tell(words) {
    setText(this.#element("drone-none"), words);
    this.#element("drone-none").hidden = words === "";
  }

  #draw(drone) {
    this.#shown = drone;
    this.#element("drone-box").hidden = false;
    const before = this.#rows;
    this.#rows = new Map();
    for (const [name, value] of rows(drone)) {
      const row = before.get(name) ?? [make("dt", { text: name }), make("dd")];
      setText(row[1], value);
      this.#rows.set(name, row);
    }
    arrange(this.#element("drone-facts"), [...this.#rows.values()].flat());
    this.tick();
  }
}

function rows(drone) {
  const { position, batteries } = drone;
  const flags = FLAGS.filter((_, bit) => drone.flags & (1 << bit)).join(", ");
  const list = [
    ["Id", drone.droneId],
    ["State", drone.linkLost ? "link lost" : flags || "idle"],
    ["Fleet, zone", `${drone.fleet}, ${drone.zone}`],
    ["Edge, boot", `${drone.edgeId}, ${drone.bootId}`],
    ["Records", whole(drone.records)],
    ["Clock offset", `${(drone.clockOffsetUs / 1000).toFixed(1)} ms`],
  ];
  if (position) {
    list.push(
      ["Position", `${position.latDeg.toFixed(6)}°, ${position.lonDeg.toFixed(6)}°`],
      ["Altitude home, sea", `${metresWords(position.altHomeM)}, ${metresWords(position.altMslM)}`],
      [
        "Speed",
        `${Math.hypot(position.vnMps, position.veMps).toFixed(1)} m/s, ${
          (Math.round(-10 * position.vdMps) / 10 || 0).toFixed(1)
        } up`,
      ],
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
