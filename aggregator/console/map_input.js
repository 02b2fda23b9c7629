// Hands on the map: dragging, wheel, two fingers and keys become "pan", "zoom", "pick" and the like.

const DRAG_PX_MIN = 5;
const STEP_PX = 80;
const STEP_ZOOM = 1.5;
const PICK_PX = { mouse: 18, pen: 22, touch: 30 };

/**
 * @param canvas what is pointed at and has the keyboard's focus
 * @param to `pan(dx, dy)`, `zoom(factor, [x, y]?)`, `pick([x, y], reachPx)`, `hover([x, y] | null)`, `showAll()`,
 *   `step(±1)` to the next or last drone, `leave()`
 */
export function listenToHands(canvas, to) {
  const pointers = new Map();
  let travelledPx = 0;

  const at = ({ clientX, clientY }) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  const release = (event) => {
    const known = pointers.delete(event.pointerId);
    if (!known || event.type !== "pointerup" || pointers.size > 0) return;
    if (travelledPx < DRAG_PX_MIN) to.pick(at(event), PICK_PX[event.pointerType] ?? PICK_PX.mouse);
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (pointers.size === 0) travelledPx = 0;
    pointers.set(event.pointerId, at(event));
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return to.hover(event.pointerType === "touch" ? null : at(event));
    const now = at(event);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    travelledPx += other ? DRAG_PX_MIN : Math.hypot(now[0] - before[0], now[1] - before[1]);
    pointers.set(event.pointerId, now);
    if (travelledPx < DRAG_PX_MIN) return;
    if (!other) return to.pan(now[0] - before[0], now[1] - before[1]);
    const middle = (point) => [(point[0] + other[0]) / 2, (point[1] + other[1]) / 2];
    const apart = (point) => Math.max(1, Math.hypot(point[0] - other[0], point[1] - other[1]));
    const [from, into] = [middle(before), middle(now)];
    to.pan(into[0] - from[0], into[1] - from[1]);
    to.zoom(apart(now) / apart(before), into);
  });
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => to.hover(null));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    // A line is some 16 pixels, a page much more; a pinch on a touchpad comes as small steps with the control key.
    const deltaPx = event.deltaY * (event.deltaMode === 0 ? 1 : 16);
    to.zoom(Math.exp(-Math.max(-240, Math.min(240, deltaPx)) * (event.ctrlKey ? 0.01 : 0.002)), at(event));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act(to);
  });
}

const KEYS = {
  ArrowLeft: (to) => to.pan(STEP_PX, 0),
  ArrowRight: (to) => to.pan(-STEP_PX, 0),
  ArrowUp: (to) => to.pan(0, STEP_PX),
  ArrowDown: (to) => to.pan(0, -STEP_PX),
  "+": (to) => to.zoom(STEP_ZOOM),
  "=": (to) => to.zoom(STEP_ZOOM),
  "-": (to) => to.zoom(1 / STEP_ZOOM),
  "0": (to) => to.showAll(),
  Home: (to) => to.showAll(),
  n: (to) => to.step(1),
  p: (to) => to.step(-1),
  PageDown: (to) => to.step(1),
  PageUp: (to) => to.step(-1),
  Escape: (to) => to.leave(),
};
