// Drones on a canvas: oriented triangles with short trails, in a local equirectangular projection that follows the
// fleet. Drawn only when something changed.

const TRAIL_POINTS_MAX = 50;
/** Above this, trails would only be noise. */
const TRAILS_DRONES_MAX = 1000;
const SPAN_M_MIN = 200;
const METRES_PER_DEGREE = 111_195;
const PADDING_PX = 48;
const PICK_PX = 18;
const State = { airborne: 1, linkLost: 2, battery: 4, otherAlert: 8 };

export class FleetMap {
  #canvas;
  #context;
  #drones = new Map();
  #conflicts = [];
  #ids = [];
  #selected = null;
  #hovered = null;
  #view = null;
  #queued = false;
  #colours = {};

  constructor(canvas, { onPick }) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#readColours();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#readColours());
    new ResizeObserver(() => this.#queue()).observe(canvas);
    canvas.addEventListener("pointermove", (event) => this.#hover(this.#at(event)));
    canvas.addEventListener("pointerleave", () => this.#hover(null));
    canvas.addEventListener("click", (event) => onPick(this.#at(event)));
  }

  ids() {
    return this.#ids;
  }

  select(id) {
    this.#selected = id;
    this.#queue();
  }

  /** Rows as in the `positions` event: [id, latDeg, lonDeg, altM, headingDeg, state, remaining percent]. */
  update(rows, gone) {
    const before = this.#drones.size;
    for (const [id, latDeg, lonDeg, altM, headingDeg, state, remaining] of rows) {
      const drone = this.#drones.get(id) ?? { id, trail: [], headingDeg: null };
      this.#drones.set(id, drone);
      if (drone.latDeg !== latDeg || drone.lonDeg !== lonDeg) {
        drone.trail.push([latDeg, lonDeg]);
        if (drone.trail.length > TRAIL_POINTS_MAX) drone.trail.shift();
      }
      Object.assign(drone, { latDeg, lonDeg, altM, headingDeg: headingDeg ?? drone.headingDeg, state, remaining });
    }
    for (const id of gone) this.#drones.delete(id);
    if (gone.length > 0 || this.#drones.size !== before) this.#ids = [...this.#drones.keys()].sort();
    this.#queue();
  }

  /** Alerts of kind conflict that are open: a line joins the drones of each. */
  showConflicts(alerts) {
    this.#conflicts = alerts;
    this.#queue();
  }

  #readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["ok", "ground", "battery", "alert", "lost", "ink", "quiet", "grid", "panel"]) {
      this.#colours[name] = style.getPropertyValue(`--${name}`).trim();
    }
    this.#queue();
  }

  #queue() {
    if (this.#queued) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      this.#draw();
    });
  }

  #hover(id) {
    if (this.#hovered === id) return;
    this.#hovered = id;
    this.#canvas.style.cursor = id === null ? "" : "pointer";
    this.#queue();
  }

  #at(event) {
    const { left, top } = this.#canvas.getBoundingClientRect();
    let nearest = null;
    let nearestPx = PICK_PX;
    for (const drone of this.#drones.values()) {
      const distancePx = Math.hypot(drone.x - (event.clientX - left), drone.y - (event.clientY - top));
      if (distancePx < nearestPx) [nearest, nearestPx] = [drone.id, distancePx];
    }
    return nearest;
  }

  #fit(width, height) {
    const origin = this.#view?.origin ?? this.#drones.values().next().value;
    const { latDeg, lonDeg } = origin;
    const north = [];
    const east = [];
    const cosLat = Math.max(0.01, Math.cos(latDeg * Math.PI / 180));
    const toEast = (lon) => ((lon - lonDeg + 540) % 360 - 180) * METRES_PER_DEGREE * cosLat;
    const toNorth = (lat) => (lat - latDeg) * METRES_PER_DEGREE;
    for (const drone of this.#drones.values()) {
      east.push(toEast(drone.lonDeg));
      north.push(toNorth(drone.latDeg));
    }
    const [west, eastEnd] = bounds(east);
    const [south, northEnd] = bounds(north);
    const spanE = Math.max(eastEnd - west, SPAN_M_MIN);
    const spanN = Math.max(northEnd - south, SPAN_M_MIN);
    const wanted = {
      centreE: (west + eastEnd) / 2,
      centreN: (south + northEnd) / 2,
      pxPerM: Math.min((width - 2 * PADDING_PX) / spanE, (height - 2 * PADDING_PX) / spanN),
    };
    // Follows the fleet only when it leaves the middle: a map that never rests cannot be read.
    const view = this.#view;
    const rests = view && width === view.width && height === view.height && view.pxPerM < wanted.pxPerM * 1.6 &&
      (eastEnd - view.centreE) * view.pxPerM < width / 2 - 16 && (view.centreE - west) * view.pxPerM < width / 2 - 16 &&
      (northEnd - view.centreN) * view.pxPerM < height / 2 - 16 &&
      (view.centreN - south) * view.pxPerM < height / 2 - 16;
    const place = rests ? view : wanted;
    this.#view = { ...place, width, height, origin: { latDeg, lonDeg }, toEast, toNorth };
  }

  #project(latDeg, lonDeg) {
    const { centreE, centreN, pxPerM, width, height, toEast, toNorth } = this.#view;
    return [width / 2 + (toEast(lonDeg) - centreE) * pxPerM, height / 2 - (toNorth(latDeg) - centreN) * pxPerM];
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    this.#canvas.width = width * devicePixelRatio;
    this.#canvas.height = height * devicePixelRatio;
    const context = this.#context;
    context.scale(devicePixelRatio, devicePixelRatio);
    if (this.#drones.size === 0 || width === 0) return;
    this.#fit(width, height);
    this.#drawScale();
    const trails = this.#drones.size <= TRAILS_DRONES_MAX;
    for (const drone of this.#drones.values()) {
      [drone.x, drone.y] = this.#project(drone.latDeg, drone.lonDeg);
      if (trails || drone.id === this.#selected) this.#drawTrail(drone);
    }
    for (const conflict of this.#conflicts) this.#drawConflict(conflict);
    for (const drone of this.#drones.values()) this.#drawDrone(drone);
    for (const id of new Set([this.#selected, this.#hovered])) {
      const drone = this.#drones.get(id);
      if (drone) this.#drawLabel(drone);
    }
  }

  #colour({ state }) {
    if (state & State.linkLost) return this.#colours.lost;
    if (state & State.battery) return this.#colours.battery;
    if (state & State.otherAlert) return this.#colours.alert;
    return state & State.airborne ? this.#colours.ok : this.#colours.ground;
  }

  #drawTrail(drone) {
    const context = this.#context;
    context.strokeStyle = this.#colour(drone);
    context.globalAlpha = 0.35;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [latDeg, lonDeg] of drone.trail) context.lineTo(...this.#project(latDeg, lonDeg));
    context.stroke();
    context.globalAlpha = 1;
  }

  // Dashed while it is a warning, solid when it is critical.
  #drawConflict({ droneIds, severity }) {
    const [from, to] = droneIds.map((id) => this.#drones.get(id));
    if (!from || !to) return;
    const context = this.#context;
    context.save();
    context.strokeStyle = this.#colours.alert;
    context.lineWidth = severity === "critical" ? 2.5 : 1.5;
    if (severity !== "critical") context.setLineDash([6, 4]);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    context.restore();
  }

  #drawDrone(drone) {
    const context = this.#context;
    context.save();
    context.translate(drone.x, drone.y);
    context.fillStyle = context.strokeStyle = this.#colour(drone);
    context.lineWidth = 1.6;
    context.beginPath();
    if (drone.headingDeg === null) {
      context.arc(0, 0, 4.5, 0, 2 * Math.PI);
    } else {
      context.rotate(drone.headingDeg * Math.PI / 180);
      context.moveTo(0, -8);
      context.lineTo(5.5, 6.5);
      context.lineTo(0, 3.5);
      context.lineTo(-5.5, 6.5);
      context.closePath();
    }
    // State shows in shape as well: hollow on the ground, hollow and dashed without a link.
    if (drone.state & State.linkLost) context.setLineDash([3, 2]);
    if (drone.state & State.airborne && !(drone.state & State.linkLost)) context.fill();
    else context.stroke();
    context.restore();
    if (drone.id !== this.#selected) return;
    context.strokeStyle = this.#colours.ink;
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(drone.x, drone.y, 13, 0, 2 * Math.PI);
    context.stroke();
  }

  #drawLabel({ id, x, y, altM, remaining }) {
    const context = this.#context;
    const facts = [altM === null ? "" : `${altM.toFixed(0)} m`, remaining === null ? "" : `${remaining} %`];
    const label = [id, ...facts].filter(Boolean).join("  ");
    context.font = "12px system-ui, sans-serif";
    const width = context.measureText(label).width;
    const left = Math.max(4, Math.min(x + 16, this.#view.width - width - 16));
    context.fillStyle = this.#colours.panel;
    context.globalAlpha = 0.9;
    context.fillRect(left - 4, y - 11, width + 8, 20);
    context.globalAlpha = 1;
    context.fillStyle = this.#colours.ink;
    context.fillText(label, left, y + 4);
  }

  #drawScale() {
    const { pxPerM, width, height } = this.#view;
    const context = this.#context;
    const stepM = niceStep(110 / pxPerM);
    const stepPx = stepM * pxPerM;
    context.strokeStyle = this.#colours.grid;
    context.lineWidth = 1;
    context.beginPath();
    for (let x = width / 2 % stepPx; x < width; x += stepPx) context.rect(x, -1, 0, height + 2);
    for (let y = height / 2 % stepPx; y < height; y += stepPx) context.rect(-1, y, width + 2, 0);
    context.stroke();
    context.fillStyle = context.strokeStyle = this.#colours.quiet;
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "right";
    context.fillText(`grid ${stepM >= 1000 ? `${stepM / 1000} km` : `${stepM} m`}`, width - 14, height - 14);
    context.textAlign = "left";
  }
}

/** All of a small fleet; of a large one all but the outermost hundredth, so that one glitch does not zoom it away. */
function bounds(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length / 100);
  return [sorted[cut], sorted[sorted.length - 1 - cut]];
}

function niceStep(metres) {
  const power = 10 ** Math.floor(Math.log10(metres));
  return [1, 2, 5, 10].find((factor) => factor * power >= metres) * power;
}
