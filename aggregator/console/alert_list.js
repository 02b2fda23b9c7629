// A list of alerts, severest first, that can be worked with while it changes: rows keep their places while somebody's hand
// is on them, and the one under the pointer, or with the focus, does not move on the screen.
import { keyOf } from "./alert_book.js";
import { AlertRow } from "./alert_row.js";
import { arrange } from "./dom.js";

const SHOWN_MAX = 200;
/** A pointer that has rested for so long works with nothing. */
const HANDS_MS = 3000;
/** So long an alert that ended stays where it was, if it was being worked with. */
const ENDED_MS = 10_000;

export class AlertList {
  #list;
  #rows = new Map();
  #actions;
  #clock;
  #pressed = null;
  #hovered = null;
  #isInside = false;
  #movedMs = -Infinity;

  /** @param actions of its rows, see AlertRow; `clock`: ms */
  constructor(list, { actions, clock }) {
    this.#list = list;
    this.#actions = actions;
    this.#clock = clock;
    const itemOf = (event) => event.target.closest("li");
    list.addEventListener("pointermove", (event) => {
      this.#hovered = itemOf(event);
      this.#isInside = true;
      this.#movedMs = clock();
    });
    list.addEventListener("wheel", () => this.#movedMs = clock(), { passive: true });
    list.addEventListener("pointerleave", () => {
      this.#hovered = null;
      this.#isInside = false;
    });
    list.addEventListener("pointerdown", (event) => {
      this.#pressed = itemOf(event);
      this.#movedMs = clock();
    });
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => this.#pressed = null);
  }

  /**
   * @param alerts in order
   * @param ended the latest word on an alert that is no longer among them
   * @param nowUs the aggregator's time
   */
  show(alerts, { ended = () => undefined, nowUs }) {
    const shown = this.#inPlaces(alerts.slice(0, SHOWN_MAX), ended);
    const anchor = this.#anchor();
    // A height that changes after this is a press that is lost.
    for (const row of shown) row.showAge(nowUs);
    const [before, { scrollTop }] = [anchor?.offsetTop, this.#list];
    arrange(this.#list, shown.map(({ node }) => node), this.#focused() ?? this.#pressed);
    if (anchor?.isConnected) this.#list.scrollTop = scrollTop + anchor.offsetTop - before;
    return Math.max(0, alerts.length - SHOWN_MAX);
  }

  /** Marks the alert that the map shows; null: none. */
  mark(shown) {
    const key = shown && keyOf(shown);
    for (const [rowKey, row] of this.#rows) row.setShown(rowKey === key);
  }

  /** Whoever is at the page now may do something else. */
  ownerChanged() {
    for (const row of this.#rows.values()) row.update(row.alert);
  }

  #inPlaces(alerts, ended) {
    const wanted = new Map(alerts.map((alert) => [keyOf(alert), alert]));
    for (const [key, alert] of wanted) {
      const row = this.#rows.get(key);
      if (!row) this.#rows.set(key, new AlertRow(alert, this.#actions));
      else if (row.alert.revision !== alert.revision || row.alert.transition !== alert.transition) row.update(alert);
    }
    const isHeld = this.#pressed !== null || (this.#isInside && this.#clock() - this.#movedMs < HANDS_MS);
    for (const [key, row] of this.#rows) {
      if (!wanted.has(key) && !this.#stays(row, { last: ended(key), isHeld })) this.#rows.delete(key);
    }
    const inOrder = [...wanted.keys()].map((key) => this.#rows.get(key));
    return merged(inOrder, this.#placed(), { isHeld });
  }

  /** Ended under somebody's hand, or beside it, where a gap would move what the hand is on: it says so, and goes later. */
  #stays(row, { last, isHeld }) {
    const { node } = row;
    const isTouched = node === this.#hovered || node === this.#pressed || node.contains(document.activeElement);
    if (!isTouched && !(isHeld && this.#isSeen(node))) return false;
    if (row.alert.transition !== "resolve") {
      row.update({ ...(last ?? row.alert), transition: "resolve" });
      row.endedMs = this.#clock();
    }
    return this.#clock() - row.endedMs < ENDED_MS || node === this.#pressed;
  }

  #isSeen({ isConnected, offsetTop, offsetHeight }) {
    const { scrollTop, clientHeight } = this.#list;
    return isConnected && offsetTop + offsetHeight > scrollTop && offsetTop < scrollTop + clientHeight;
  }

  /** Rows in the order in which they stand. */
  #placed() {
    const byNode = new Map([...this.#rows.values()].map((row) => [row.node, row]));
    return [...this.#list.children].map((node) => byNode.get(node)).filter(Boolean);
  }

  #focused() {
    const { activeElement } = document;
    return this.#list.contains(activeElement) && activeElement !== this.#list ? activeElement.closest("li") : null;
  }

  /** What must not move on the screen: what is touched, or, of a list that somebody has scrolled, what he reads. */
  #anchor() {
    const touched = [this.#pressed, this.#hovered, this.#focused()].find((node) => node && this.#isSeen(node));
    if (touched || this.#list.scrollTop === 0) return touched ?? null;
    return [...this.#list.children].find((node) => this.#isSeen(node)) ?? null;
  }
}

/**
 * What should stand in a list, given what should and what does. `isHeld`: what stands stays in its order, and what is new
 * goes before the first that comes after it; otherwise only what has ended keeps its place among the others.
 */
export function merged(inOrder, placed, { isHeld }) {
  const wanted = new Set(inOrder);
  if (!isHeld) {
    const result = [...inOrder];
    for (const [i, row] of placed.entries()) if (!wanted.has(row)) result.splice(Math.min(i, result.length), 0, row);
    return result;
  }
  const rank = new Map(inOrder.map((row, i) => [row, i]));
  const standing = new Set(placed);
  const result = [...placed];
  for (const row of inOrder) {
    if (standing.has(row)) continue;
    const behind = result.findIndex((other) => (rank.get(other) ?? -1) > rank.get(row));
    result.splice(behind < 0 ? result.length : behind, 0, row);
  }
  return result;
}
