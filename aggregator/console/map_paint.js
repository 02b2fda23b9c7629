// What the map draws with: strokes on a canvas, in CSS pixels. Everything is told twice, by colour and by shape.
import { project, scaleBar } from "./camera.js";
import { State } from "./drones.js";
import { metresWords } from "./words.js";

const COLOURS = ["ok", "ground", "warn", "bad", "ink", "quiet", "grid", "panel", "paper"];
const FONT = "12px system-ui, sans-serif";
const TURN = 2 * Math.PI;
const AHEAD_S = 10;

export class MapPaint {
  #context;
  #colours = {};
  #camera = null;

  constructor(context) {
    this.#context = context;
  }

  /** The page's colours, as the style sheet has them now. */
  readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const name of COLOURS) this.#colours[name] = style.getPropertyValue(`--${name}`).trim();
  }

  begin(camera, scale) {
    const { width, height } = camera;
    this.#camera = camera;
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
    this.#context.clearRect(0, 0, width, height);
    this.#context.font = FONT;
  }

  grid() {
    const { width, height } = this.#camera;
    const { stepPx } = scaleBar(this.#camera, 160);
    const [x0, y0] = [width / 2 % stepPx, height / 2 % stepPx];
    this.#stroke({ colour: "grid", width: 1 }, (context) => {
      for (let x = x0; x < width; x += stepPx) context.rect(x, -1, 0, height + 2);
      for (let y = y0; y < height; y += stepPx) context.rect(-1, y, width + 2, 0);
    });
  }

  scale() {
    const { width, height } = this.#camera;
    const { stepPx, text } = scaleBar(this.#camera, 140);
    const [right, y] = [width - 16, height - 16];
    this.#stroke({ colour: "ink", width: 1.5 }, (context) => {
      context.moveTo(right - stepPx, y - 5);
      context.lineTo(right - stepPx, y);
      context.lineTo(right, y);
      context.lineTo(right, y - 5);
    });
    this.#text(text, right, y - 9, { colour: "ink", align: "right" });
  }

  trail(drone, colour) {
    const points = drone.trail;
    if (points.length < 2) return;
    this.#stroke({ colour, width: 1.5, alpha: 0.4 }, (context) => {
      for (const [latDeg, lonDeg] of points) context.lineTo(...project(this.#camera, latDeg, lonDeg));
    });
  }

  /** Somewhere in it is a drone that nobody has heard of lately. */
  ghost({ x, y, ghostM }, colour) {
    const radius = Math.max(12, ghostM * this.#camera.pxPerM);
    const circle = (context) => context.arc(x, y, radius, 0, TURN);
    this.#stroke({ colour, width: 1.5, dash: [3, 4] }, circle);
    this.#fill({ colour, alpha: 0.1 }, circle);
  }

  /** More drones than can be joined by lines: a circle around all of them. */
  crowd({ latE7, lonE7, radiusCm }, { severity }) {
    const [x, y] = project(this.#camera, latE7 / 1e7, lonE7 / 1e7);
    const radius = 14 + radiusCm / 100 * this.#camera.pxPerM;
    const colour = severity === "critical" ? "bad" : "warn";
    this.#stroke({ colour, width: 2, dash: [10, 5] }, (context) => context.arc(x, y, radius, 0, TURN));
  }

  /** Dashed while it is a warning, solid when it is critical. */
  conflict(a, b, { severity, isShown }) {
    const colour = severity === "critical" ? "bad" : "warn";
    const dash = severity === "critical" ? [] : [6, 4];
    this.#stroke({ colour, width: isShown || severity === "critical" ? 2.5 : 1.5, dash }, (context) => {
      context.moveTo(a.x, a.y);
      context.lineTo(b.x, b.y);
    });
  }

  /** The closest approach of the pair that is looked at: how each gets there, and how close they are then. */
  approach([a, b], { inS, closestM, distanceM, at }) {
    const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    const now = { x: middle.x, y: middle.y, text: `${metresWords(distanceM)} now` };
    if (inS === 0) return this.tag(now, { colour: "ink" });
    const points = at.map(([latDeg, lonDeg]) => project(this.#camera, latDeg, lonDeg));
    for (const [i, { x, y }] of [a, b].entries()) {
      this.#stroke({ colour: "ink", width: 1.25, dash: [2, 3] }, (context) => {
        context.moveTo(x, y);
        context.lineTo(...points[i]);
      });
      this.#fill({ colour: "ink" }, (context) => context.arc(...points[i], 3, 0, TURN));
    }
    const [[xa, ya], [xb, yb]] = points;
    this.#stroke({ colour: "ink", width: 1.5 }, (context) => {
      context.moveTo(xa, ya);
      context.lineTo(xb, yb);
    });
    const text = `closest ${metresWords(closestM)} in ${inS.toFixed(0)} s`;
    const [x, y] = [(xa + xb) / 2, (ya + yb) / 2];
    const isBelow = y >= now.y;
    this.tag({ x, y: y + (isBelow ? 26 : -26), text }, { colour: "ink" });
    this.tag({ ...now, y: now.y + (isBelow ? -22 : 22) }, { colour: "ink" });
  }

  drone(drone, { colour, isChosen }) {
    const context = this.#context;
    const { x, y, headingDeg, state } = drone;
    const isLost = (state & State.linkLost) !== 0;
    context.save();
    context.translate(x, y);
    if (headingDeg !== null) context.rotate(headingDeg * Math.PI / 180);
    const shape = () => {
      if (headingDeg === null) return context.arc(0, 0, 4.5, 0, TURN);
      context.moveTo(0, -8);
      context.lineTo(5.5, 6.5);
      context.lineTo(0, 3.5);
      context.lineTo(-5.5, 6.5);
      context.closePath();
    };
    if (state & State.airborne && !isLost) {
      // A rim of the ground's colour keeps neighbours apart in a crowd.
      this.#stroke({ colour: "paper", width: 2 }, shape);
      this.#fill({ colour }, shape);
    } else this.#stroke({ colour, width: 1.6, dash: isLost ? [3, 2] : [] }, shape);
    context.restore();
    if (isChosen) this.#stroke({ colour: "ink", width: 1.75 }, () => context.arc(x, y, 14, 0, TURN));
  }

  /** An aircraft that is nobody's here: a hollow diamond, with a line ahead to where it is in ten seconds. */
  aircraft({ latDeg, lonDeg, trackDeg, speedMps, id, name }) {
    const [x, y] = project(this.#camera, latDeg, lonDeg);
    const diamond = (context) => {
      for (const [dx, dy] of [[0, -7], [7, 0], [0, 7], [-7, 0]]) context.lineTo(x + dx, y + dy);
      context.closePath();
    };
    this.#fill({ colour: "paper" }, diamond);
    this.#stroke({ colour: "ink", width: 1.75 }, (context) => {
      diamond(context);
      if (trackDeg === null) return;
      const [length, angle] = [speedMps * AHEAD_S * this.#camera.pxPerM, trackDeg * Math.PI / 180];
      context.moveTo(x, y);
      context.lineTo(x + length * Math.sin(angle), y - length * Math.cos(angle));
    });
    this.#text(name || id, x + 11, y + 4, { colour: "quiet" });
  }

  label({ id, x, y, altM, remaining, ghostM }, { isFull }) {
    const facts = [altM === null ? "" : `${altM.toFixed(0)} m`, remaining === null ? "" : `${remaining} %`];
    if (ghostM !== null) facts.push("not heard");
    const text = isFull ? [id, ...facts].filter(Boolean).join("  ") : id;
    if (isFull) return this.tag({ x: x + 18, y, text }, { colour: "ink", align: "left" });
    this.#text(text, x + 11, y + 4, { colour: "quiet" });
  }

  /** Text on a plate, kept inside the picture. */
  tag({ x, y, text }, { colour, align = "center" }) {
    const context = this.#context;
    const width = context.measureText(text).width;
    const from = align === "left" ? x : x - width / 2;
    const left = Math.max(8, Math.min(from, this.#camera.width - width - 8));
    this.#fill({ colour: "panel", alpha: 0.92 }, () => context.rect(left - 5, y - 10, width + 10, 20));
    this.#text(text, left, y + 4, { colour });
  }

  #text(text, x, y, { colour, align = "left" }) {
    const context = this.#context;
    context.fillStyle = this.#colours[colour];
    context.textAlign = align;
    context.fillText(text, x, y);
  }

  #stroke({ colour, width, alpha = 1, dash = [] }, path) {
    const context = this.#context;
    context.strokeStyle = this.#colours[colour];
    context.lineWidth = width;
    context.globalAlpha = alpha;
    context.setLineDash(dash);
    context.beginPath();
    path(context);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  #fill({ colour, alpha = 1 }, path) {
    const context = this.#context;
    context.fillStyle = this.#colours[colour];
    context.globalAlpha = alpha;
    context.beginPath();
    path(context);
    context.fill();
    context.globalAlpha = 1;
  }
}
