// One alert as an item of a list. It is made once and then changed in place: a button that somebody is about to press
// stays the button it is.
import { make, setAttribute, setText } from "./dom.js";
import { ageWords, clockWords, kindWords, namesWords } from "./words.js";

const DRONES_MAX = 6;

export class AlertRow {
  node;
  alert;
  /** Why it could not be acknowledged; null: nobody tried, or it could. */
  #failure = null;
  #isAsking = false;
  #mayAcknowledge;
  #parts;

  constructor(alert, { onShow, onDrone, onAcknowledge, mayAcknowledge }) {
    this.#mayAcknowledge = mayAcknowledge;
    const parts = this.#parts = {
      severity: make("span", { className: "severity" }),
      kind: make("button", { className: "kind", type: "button" }),
      age: make("span", { className: "age quiet" }),
      drones: make("span", { className: "drones" }),
      acknowledge: make("button", { className: "acknowledge", type: "button" }),
      message: make("p", { className: "message" }),
      assumed: make("p", { className: "message quiet" }),
      failure: make("p", { className: "failure", role: "alert" }),
    };
    const head = make("div", { className: "head" }, [parts.severity, parts.kind, parts.age]);
    const subject = make("div", { className: "head" }, [parts.drones, parts.acknowledge]);
    this.node = make("li", {}, [head, subject, parts.message, parts.assumed, parts.failure]);
    parts.kind.addEventListener("click", () => onShow(this.alert));
    parts.acknowledge.addEventListener("click", () => {
      if (this.#isOpen && !this.#isAsking && mayAcknowledge() && this.alert.acknowledgedBy === null) {
        onAcknowledge(this);
      }
    });
    for (const id of alert.droneIds.slice(0, DRONES_MAX)) {
      const button = make("button", { type: "button", className: "link", text: id });
      button.addEventListener("click", () => onDrone(id));
      parts.drones.append(button, " ");
    }
    const more = alert.droneIds.length - DRONES_MAX;
    if (more > 0) parts.drones.append(`and ${more} more`);
    this.node.addEventListener("click", (event) => {
      if (!event.target.closest("button")) onShow(this.alert);
    });
    this.update(alert);
  }

  get #isOpen() {
    return this.alert.transition !== "resolve";
  }

  update(alert) {
    this.alert = alert;
    const { severity, kind, droneIds, conflict } = alert;
    const parts = this.#parts;
    setAttribute(this.node, "data-severity", severity);
    setAttribute(this.node, "data-state", this.#isOpen ? "open" : "resolved");
    setText(parts.severity, this.#isOpen ? severity : "resolved");
    const title = kindWords(kind);
    setText(parts.kind, title);
    const names = droneIds.length > 0 ? ` of ${namesWords(droneIds)}: show on the map` : "";
    setAttribute(parts.kind, "aria-label", `${title}${names}`);
    setText(parts.message, alert.message);
    setText(parts.assumed, conflict?.assumed?.length > 0 ? `Assumed: ${conflict.assumed.join("; ")}` : "");
    if (alert.acknowledgedBy !== null) this.#failure = null;
    this.#showAcknowledgement();
  }

  /** @param nowUs by the aggregator's clock; null: not known */
  showAge(nowUs) {
    const { raisedTimeUs, changedTimeUs } = this.alert;
    const at = clockWords((this.#isOpen ? raisedTimeUs : changedTimeUs) / 1000);
    const since = nowUs === null ? "" : ` · ${ageWords((nowUs - (this.#isOpen ? raisedTimeUs : changedTimeUs)) / 1e6)}`;
    setText(this.#parts.age, `${at}${since}`);
  }

  setShown(isShown) {
    setAttribute(this.node, "data-shown", isShown ? "" : null);
  }

  asking() {
    this.#isAsking = true;
    this.#failure = null;
    this.#showAcknowledgement();
  }

  /** @param failure why not; null: it was taken */
  answered(failure, by) {
    this.#isAsking = false;
    this.#failure = failure;
    if (failure === null) this.alert = { ...this.alert, acknowledgedBy: by };
    this.#showAcknowledgement();
  }

  #name() {
    return [kindWords(this.alert.kind), namesWords(this.alert.droneIds)].filter(Boolean).join(", ");
  }

  // The button stays when its work is done, or whoever had the focus on it would be thrown to the top of the page.
  #showAcknowledgement() {
    const { acknowledge, failure } = this.#parts;
    const { acknowledgedBy: by } = this.alert;
    const isDone = by !== null || !this.#isOpen;
    const words = !this.#isOpen
      ? "Ended"
      : isDone
      ? `✓ ${by}`
      : !this.#mayAcknowledge()
      ? "For operators"
      : this.#isAsking
      ? "Sending…"
      : this.#failure
      ? "Try again"
      : "Acknowledge";
    setText(acknowledge, words);
    const isBarred = !isDone && !this.#mayAcknowledge();
    setAttribute(acknowledge, "aria-disabled", isDone || isBarred || this.#isAsking ? "true" : null);
    setAttribute(acknowledge, "title", isBarred ? "A viewer may not acknowledge" : null);
    const of = isDone ? ":" : isBarred ? " acknowledge" : "";
    setAttribute(acknowledge, "aria-label", `${words}${of} ${this.#name()}`);
    setText(failure, this.#failure ? `Not acknowledged: ${this.#failure}` : "");
  }
}
