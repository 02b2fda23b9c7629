// Open alerts, newest first, each with a button to acknowledge it.

const SHOWN_MAX = 200;
const OPERATOR_KEY = "slipstream.operator";

export class AlertList {
  #element;
  #onDrone;
  #onConflicts;
  #alerts = new Map();

  constructor(element, { onDrone, onConflicts }) {
    this.#element = element;
    this.#onDrone = onDrone;
    this.#onConflicts = onConflicts;
    const operator = element("operator");
    operator.value = localStorage.getItem(OPERATOR_KEY) ?? "operator";
    operator.addEventListener("change", () => localStorage.setItem(OPERATOR_KEY, operator.value));
  }

  /** Asks for all open alerts: after each (re)connection. */
  async load() {
    const response = await fetch("/v1/alerts?state=open&limit=1000");
    if (!response.ok) return this.#tell("Cannot load the alerts");
    const { alerts } = await response.json();
    this.#alerts = new Map(alerts.map((alert) => [alert.alertId, alert]));
    this.#draw();
  }

  /** An alert changed. */
  show(alert) {
    if (alert.transition === "resolve") this.#alerts.delete(alert.alertId);
    else this.#alerts.set(alert.alertId, alert);
    this.#tell(`${verb(alert.transition)}: ${alert.kind}, ${alert.droneIds.join(", ")}`);
    this.#draw();
  }

  #draw() {
    this.#onConflicts([...this.#alerts.values()].filter(({ kind }) => kind === "conflict"));
    this.#element("alert-count").textContent = String(this.#alerts.size);
    const newest = [...this.#alerts.values()].sort((a, b) => b.raisedTimeUs - a.raisedTimeUs).slice(0, SHOWN_MAX);
    const list = this.#element("alerts");
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    list.replaceChildren(...newest.map((alert) => this.#item(alert)));
    if (focused) list.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  #item(alert) {
    const item = document.createElement("li");
    item.dataset.severity = alert.severity;
    const title = text("span", "title", `${alert.kind} `);
    for (const id of alert.droneIds) {
      const button = text("button", "", id);
      button.type = "button";
      button.addEventListener("click", () => this.#onDrone(id));
      title.append(button, " ");
    }
    if (alert.detail) title.append(alert.detail);
    item.append(title, this.#acknowledgement(alert));
    const raised = new Date(alert.raisedTimeUs / 1000).toLocaleTimeString();
    item.append(text("span", "message", `${raised} · ${alert.message}`));
    return item;
  }

  #acknowledgement(alert) {
    if (alert.acknowledgedBy !== null) return text("span", "quiet", `✓ ${alert.acknowledgedBy}`);
    const button = text("button", "", "Acknowledge");
    button.type = "button";
    button.dataset.key = String(alert.alertId);
    button.setAttribute("aria-label", `Acknowledge ${alert.kind} of ${alert.droneIds.join(", ")}`);
    button.addEventListener("click", () => this.#acknowledge(alert.alertId));
    return button;
  }

  async #acknowledge(alertId) {
    const by = this.#element("operator").value.trim();
    const response = await fetch(`/v1/alerts/${alertId}/acknowledge`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ by }),
    });
    if (!response.ok) this.#tell((await response.json()).error);
  }

  #tell(news) {
    this.#element("alert-news").textContent = news;
  }
}

function verb(transition) {
  return {
    raise: "Raised",
    escalate: "Escalated",
    remind: "Still open",
    acknowledge: "Acknowledged",
    resolve: "Resolved",
  }[
    transition
  ] ?? transition;
}

function text(tag, className, content) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = content;
  return node;
}
