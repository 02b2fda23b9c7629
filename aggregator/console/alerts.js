// The alerts of the page: asked for after each connection, kept current by events, and, while the journal holds events
// back, asked for each second. Whoever acknowledges hears whether it was taken.
import { AlertBook } from "./alert_book.js";
import { AlertList } from "./alert_list.js";
import { onceAFrame, setText } from "./dom.js";
import { ask } from "./requests.js";
import { counted, kindWords, namesWords, transitionWords, whole } from "./words.js";

const OPERATOR_KEY = "slipstream.operator";
const LOADED_MAX = 1000;
/** News for those who listen instead of looking: no more often than they can be read out. */
const NEWS_MS = 2000;

export class Alerts {
  #book = new AlertBook();
  #element;
  #open;
  #resolved;
  #clock;
  #serverUs;
  #session;
  #onChange;
  #draw;
  #shown = null;
  #toldMs = -Infinity;
  #knowsThePast = false;

  /** @param onShow an alert is to be shown on the map; `onChange`: they are not what they were; `session`: whose page it is */
  constructor(element, { onDrone, onShow, onChange, clock, serverUs, session }) {
    this.#element = element;
    this.#clock = clock;
    this.#serverUs = serverUs;
    this.#session = session;
    this.#onChange = onChange;
    const show = (alert) => {
      this.#shown = alert;
      onShow(alert);
      this.#draw();
    };
    const actions = {
      onShow: show,
      onDrone,
      onAcknowledge: (row) => this.#acknowledge(row),
      mayAcknowledge: () => session.mayOperate,
    };
    this.#open = new AlertList(element("alerts"), { actions, clock });
    this.#resolved = new AlertList(element("resolved"), { actions, clock });
    this.#draw = onceAFrame(() => this.#drawNow());
    const operator = element("operator");
    operator.value = localStorage.getItem(OPERATOR_KEY) ?? "operator";
    operator.addEventListener("change", () => localStorage.setItem(OPERATOR_KEY, operator.value));
    element("resolved-box").addEventListener("toggle", () => this.#draw());
  }

  open() {
    return this.#book.open();
  }

  /** For the map. */
  view() {
    const open = this.#book.open();
    const conflicts = open.filter(({ kind, droneIds }) => kind === "conflict" && droneIds.length === 2);
    return { conflicts, crowds: open.filter(({ crowd }) => crowd), severities: this.#book.severities() };
  }

  /** Asks for all open alerts. */
  async load() {
    const spokenOf = this.#book.asking();
    const answer = await ask(`/v1/alerts?state=open&limit=${LOADED_MAX}`);
    const list = answer.body?.alerts ?? null;
    const isCut = list?.length === LOADED_MAX;
    const changed = this.#book.loaded(spokenOf, list, { complete: !isCut });
    this.#fail(isCut ? `there are more than ${whole(LOADED_MAX)}` : answer.error ?? "");
    if (changed) this.#changed();
    if (!this.#knowsThePast) await this.#loadResolved();
  }

  /** An alert changed. */
  show(alert) {
    if (!this.#book.apply(alert)) return;
    this.#tell(alert);
    this.#changed();
  }

  /** Another journal is another world. */
  clear() {
    this.#book.clear();
    this.#knowsThePast = false;
    this.#changed();
    this.load();
  }

  /** It is somebody else's page, or again somebody's. */
  ownerChanged() {
    this.#element("operator-box").hidden = this.#session.name !== null;
    for (const list of [this.#open, this.#resolved]) list.ownerChanged();
  }

  /** Time has passed. */
  tick() {
    this.#draw();
  }

  async #loadResolved() {
    const { body } = await ask(`/v1/alerts?state=all&limit=${LOADED_MAX}`);
    if (!body) return;
    this.#knowsThePast = true;
    this.#book.remember(body.alerts);
    this.#draw();
  }

  #changed() {
    this.#onChange();
    this.#draw();
  }

  #drawNow() {
    const nowUs = this.#serverUs();
    const { open, critical } = this.#book.counts();
    const counts = critical > 0 ? `${whole(critical)} critical of ${whole(open)}` : whole(open);
    setText(this.#element("alert-count"), counts);
    this.#element("alert-count").dataset.level = critical > 0 ? "bad" : open > 0 ? "warn" : "ok";
    const more = this.#open.show(this.#book.open(), { ended: (key) => this.#book.get(key), nowUs });
    setText(this.#element("alerts-more"), more > 0 ? `${counted(more, "further alert")}, less severe or older` : "");
    this.#element("alerts-none").hidden = open > 0;
    const resolved = this.#book.resolved(nowUs);
    setText(this.#element("resolved-count"), whole(resolved.length));
    if (this.#element("resolved-box").open) this.#resolved.show(resolved, { nowUs });
    for (const list of [this.#open, this.#resolved]) list.mark(this.#shown);
  }

  async #acknowledge(row) {
    const { alertId } = row.alert;
    const by = this.#session.name ?? this.#element("operator").value.trim();
    row.asking();
    const { error = null } = await ask(`/v1/alerts/${alertId}/acknowledge`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ by }),
    });
    row.answered(error, by);
    if (error) this.#element("alert-news").textContent = `Not acknowledged: ${error}`;
  }

  #fail(error) {
    setText(this.#element("alerts-failure"), error && `The list may be incomplete: ${error}`);
  }

  // Reminders are for eyes; a critical alert is read out whatever was said just before.
  #tell({ transition, kind, severity, droneIds }) {
    if (transition === "remind") return;
    const isUrgent = severity === "critical" && (transition === "raise" || transition === "escalate");
    if (!isUrgent && this.#clock() - this.#toldMs < NEWS_MS) return;
    this.#toldMs = this.#clock();
    const words = [`${transitionWords(transition)}: ${severity}`, kindWords(kind).toLowerCase(), namesWords(droneIds)];
    this.#element("alert-news").textContent = words.filter(Boolean).join(", ");
  }
}
