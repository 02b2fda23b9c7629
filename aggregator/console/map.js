// The map: drones, their trails and conflicts on a canvas. It follows the fleet until somebody moves it, or the pair of an
// alert; drawn once a frame, when something changed.
import { between, framing, panned, project, rests, zoomed } from "./camera.js";
import { State } from "./drones.js";
import { encounterOf } from "./encounter.js";
import { listenToHands } from "./map_input.js";
import { MapPaint } from "./map_paint.js";
import { counted, metresWords } from "./words.js";

/** Above this, trails would only be noise. */
const TRAILS_DRONES_MAX = 1000;
/** As many as that in the picture are named. */
const NAMES_MAX = 30;
/** More lines than that hide what matters: of so many conflicts only the critical ones are drawn. */
const LINES_MAX = 200;
const FLIGHT_MS = 450;
const PAIR_SPAN_M_MIN = 60;
const DRONE_SPAN_M = 400;

export class FleetMap {
  #canvas;
  #paint;
  #drones;
  #onPick;
  #onMode;
  #conflicts = [];
  #crowds = [];
  #aircraft = [];
  #severities = new Map();
  #selected = null;
  #hovered = null;
  #camera = null;
  /** What the picture follows: "all", nothing ("held"), or the drones of an alert. */
  #following = "all";
  #pair = [];
  #flight = null;
  #queued = false;

  /** @param drones a FleetDrones, which whoever has it updates; `changed` is called then */
  constructor(canvas, { drones, onPick, onMode = () => {} }) {
    this.#canvas = canvas;
    this.#drones = drones;
    this.#onPick = onPick;
    this.#onMode = onMode;
    this.#paint = new MapPaint(canvas.getContext("2d"));
    this.#readColours();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#readColours());
    new ResizeObserver(() => this.changed()).observe(canvas);
    listenToHands(canvas, {
      pan: (dx, dy) => this.#moved((camera) => panned(camera, dx, dy)),
      zoom: (factor, at) => this.zoom(factor, at),
      pick: (at, reachPx) => onPick(this.#nearest(at, reachPx)),
      hover: (at) => this.#hover(at && this.#nearest(at, 18)),
      showAll: () => this.showAll(),
      step: (by) => this.#step(by),
      leave: () => onPick(null),
    });
  }

  select(id) {
    this.#selected = id;
    this.changed();
  }

  /** Open conflicts: a line joins the drones of each; crowds: a circle is around each; the worst severity of each drone. */
  showAlerts({ conflicts, crowds = [], severities }) {
    this.#conflicts = conflicts;
    this.#crowds = crowds;
    this.#severities = severities;
    this.changed();
  }

  /** Aircraft that are nobody's here, as `traffic` events tell of them. */
  showTraffic(aircraft) {
    if (aircraft.length === 0 && this.#aircraft.length === 0) return;
    this.#aircraft = aircraft;
    this.#canvas.dataset.aircraft = aircraft.length;
    this.changed();
  }

  /** Flies to these drones, and stays with them. @returns false when none of them has a place */
  follow(ids) {
    const known = ids.filter((id) => this.#drones.get(id));
    if (known.length === 0) return false;
    this.#pair = known;
    this.#fly(known.length > 1 ? "pair" : "drone");
    return true;
  }

  showAll() {
    this.#pair = [];
    this.#fly("all");
  }

  zoom(factor, at) {
    this.#moved((camera) => zoomed(camera, factor, at));
  }

  /** Something that is drawn has changed. */
  changed() {
    if (this.#queued) return;
    this.#queued = true;
    requestAnimationFrame((nowMs) => {
      this.#queued = false;
      this.#draw(nowMs);
    });
  }

  #readColours() {
    this.#paint.readColours();
    this.changed();
  }

  #moved(change) {
    if (!this.#camera) return;
    this.#camera = change(this.#camera);
    this.#flight = null;
    this.#setFollowing("held");
    this.changed();
  }

  #fly(following) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#flight = this.#camera && !still ? { from: this.#camera, beganMs: null } : null;
    // The next picture is framed anew, whatever it shows now.
    if (!this.#flight) this.#camera = null;
    this.#setFollowing(following);
    this.changed();
  }

  #setFollowing(following) {
    this.#following = following;
    this.#onMode(following);
  }

  #hover(id) {
    if (this.#hovered === id) return;
    this.#hovered = id;
    this.#canvas.style.cursor = id === null ? "" : "pointer";
    this.changed();
  }

  #step(by) {
    const ids = this.#drones.ids();
    if (ids.length === 0) return;
    const at = ids.indexOf(this.#selected);
    const next = at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length;
    this.#onPick(ids[next]);
    const { latDeg, lonDeg } = this.#drones.get(ids[next]);
    const [x, y] = this.#camera ? project(this.#camera, latDeg, lonDeg) : [0, 0];
    const isSeen = this.#camera && x > 0 && y > 0 && x < this.#camera.width && y < this.#camera.height;
    if (!isSeen) this.#moved((camera) => ({ ...camera, latDeg, lonDeg }));
  }

  #nearest([x, y], reachPx) {
    let [nearest, nearestPx] = [null, reachPx];
    for (const drone of this.#drones.all()) {
      const distancePx = Math.hypot(drone.x - x, drone.y - y);
      if (distancePx < nearestPx) [nearest, nearestPx] = [drone.id, distancePx];
    }
    return nearest;
  }

  /** Where the picture should be; null: where it is. */
  #wanted(size) {
    if (this.#following === "held") return null;
    const followed = this.#pair.map((id) => this.#drones.get(id)).filter(Boolean);
    const all = this.#following === "all" || followed.length === 0;
    const shown = all ? [...this.#drones.all()] : followed;
    const places = shown.map(({ latDeg, lonDeg }) => [latDeg, lonDeg]);
    if (followed.length === 2) places.push(...encounterOf(...followed).at);
    const spanMMin = all ? 200 : followed.length > 1 ? PAIR_SPAN_M_MIN : DRONE_SPAN_M;
    return { places, camera: framing(places, { ...size, spanMMin, paddingPx: all ? 56 : 110 }) };
  }

  // Follows only when what it shows leaves the picture: a map that never rests cannot be read.
  #look(size, nowMs) {
    const resized = this.#camera && { ...this.#camera, ...size };
    const wanted = this.#wanted(size);
    if (!wanted?.camera) return resized;
    if (this.#flight) {
      this.#flight.beganMs ??= nowMs;
      const share = (nowMs - this.#flight.beganMs) / FLIGHT_MS;
      const eased = share >= 1 ? 1 : 1 - (1 - share) ** 3;
      const camera = between({ ...this.#flight.from, ...size }, wanted.camera, eased);
      if (share >= 1) this.#flight = null;
      else this.changed();
      return camera;
    }
    return this.#camera && rests(this.#camera, wanted.places, wanted.camera) ? resized : wanted.camera;
  }

  #draw(nowMs) {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (width === 0 || height === 0) return;
    const [across, down] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (this.#canvas.width !== across) this.#canvas.width = across;
    if (this.#canvas.height !== down) this.#canvas.height = down;
    const paint = this.#paint;
    const camera = this.#camera = this.#look({ width, height }, nowMs);
    this.#say(camera);
    if (!camera || this.#drones.size === 0) return paint.begin({ ...camera, width, height }, devicePixelRatio);
    paint.begin(camera, devicePixelRatio);
    paint.grid();
    const seen = [];
    for (const drone of this.#drones.all()) {
      [drone.x, drone.y] = project(camera, drone.latDeg, drone.lonDeg);
      if (drone.x > -40 && drone.y > -40 && drone.x < width + 40 && drone.y < height + 40) seen.push(drone);
    }
    const trails = this.#drones.size <= TRAILS_DRONES_MAX;
    for (const drone of seen) {
      if (trails || drone.id === this.#selected) paint.trail(drone, this.#colourOf(drone));
    }
    for (const drone of this.#drones.all()) if (drone.ghostM !== null) paint.ghost(drone, this.#colourOf(drone));
    this.#drawConflicts();
    for (const drone of seen) {
      paint.drone(drone, { colour: this.#colourOf(drone), isChosen: drone.id === this.#selected });
    }
    for (const aircraft of this.#aircraft) paint.aircraft(aircraft);
    this.#drawNames(seen);
    paint.scale();
  }

  // For those who do not see it, and for tests.
  #say(camera) {
    const { latDeg, lonDeg, pxPerM, width, height } = camera ?? {};
    const view = JSON.stringify({ following: this.#following, latDeg, lonDeg, pxPerM, width, height });
    if (this.#canvas.dataset.view === view) return;
    this.#canvas.dataset.view = view;
    const what = this.#pair.length > 0 ? ` around ${this.#pair.join(" and ")}` : "";
    const scale = camera ? `, about ${metresWords(width / pxPerM)} wide` : "";
    this.#canvas.setAttribute("aria-label", `Map of ${counted(this.#drones.size, "drone")}${what}${scale}`);
  }

  #drawConflicts() {
    for (const { droneIds, severity } of this.#conflicts) {
      const [a, b] = droneIds.map((id) => this.#drones.get(id));
      if (!a || !b) continue;
      const isShown = this.#pair.includes(a.id) && this.#pair.includes(b.id);
      if (this.#conflicts.length > LINES_MAX && severity !== "critical" && !isShown) continue;
      this.#paint.conflict(a, b, { severity, isShown });
    }
    for (const { crowd, severity } of this.#crowds) this.#paint.crowd(crowd, { severity });
    const pair = this.#pair.map((id) => this.#drones.get(id));
    if (pair.length === 2 && pair[0] && pair[1]) this.#paint.approach(pair, encounterOf(...pair));
  }

  #drawNames(seen) {
    const full = new Set([this.#selected, this.#hovered, ...this.#pair]);
    for (const drone of seen) {
      if (full.has(drone.id)) this.#paint.label(drone, { isFull: true });
      else if (seen.length <= NAMES_MAX) this.#paint.label(drone, { isFull: false });
    }
  }

  #colourOf({ id, state }) {
    if (state & State.linkLost || this.#severities.get(id) === "critical") return "bad";
    if (this.#severities.has(id) || state & (State.battery | State.otherAlert)) return "warn";
    return state & State.airborne ? "ok" : "ground";
  }
}
