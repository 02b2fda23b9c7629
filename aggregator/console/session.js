// Who is at the page: asked when it opens, proven by a token, and over when that ends. The page stays as it is meanwhile,
// under a form that hides it.
import { setText } from "./dom.js";
import { ask, SESSION_ENDED } from "./requests.js";
import { roleWords } from "./words.js";

const PATH = "/v1/session";
const AGAIN_MS = 2000;
const PROOFLESS = "Sign in to see the fleet.";
const ENDED = "Your session has ended. Sign in to go on where you were.";

export class Session {
  #element;
  #onBegin;
  #onEnd;
  /** As /v1/session says it; null: nobody. */
  #who = null;
  #wasIn = false;
  #checking = null;

  /** @param onBegin somebody is let in; `onEnd`: nobody is any more */
  constructor(element, { onBegin, onEnd }) {
    this.#element = element;
    this.#onBegin = onBegin;
    this.#onEnd = onEnd;
    const dialog = element("sign-in");
    element("sign-in-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#signIn();
    });
    element("sign-out").addEventListener("click", () => this.#signOut());
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    // A browser closes it at the second Escape all the same.
    dialog.addEventListener("close", () => this.#who === null && dialog.showModal());
    // It may be the answer to a question from before somebody signed in.
    addEventListener(SESSION_ENDED, () => this.#who !== null && this.check());
  }

  get isIn() {
    return this.#who !== null;
  }

  /** By what name it is acknowledged here; null: whoever is there says it. */
  get name() {
    return this.#who === null || this.#who.isOpen ? null : this.#who.name;
  }

  /** Nobody must prove anything here. */
  get isOpen() {
    return this.#who?.isOpen === true;
  }

  get mayOperate() {
    return this.#who?.actions.includes("operate") === true;
  }

  /** Asks who is here. Without an answer nothing changes, or, before the first, it is asked again. */
  check() {
    return this.#checking ??= this.#ask().finally(() => this.#checking = null);
  }

  async #ask() {
    const { body, status, error } = await ask(PATH);
    if (body) this.#begin(body);
    else if (status === 401) this.#end(this.#wasIn ? ENDED : PROOFLESS);
    else if (status === 403) this.#end(error);
    else if (!this.#wasIn) setTimeout(() => this.check(), AGAIN_MS);
  }

  async #signIn() {
    const [field, button] = [this.#element("token"), this.#element("sign-in-send")];
    const token = field.value.trim();
    if (button.getAttribute("aria-disabled") === "true") return;
    if (token === "") return this.#fail("Paste a token first");
    button.setAttribute("aria-disabled", "true");
    const { body, error } = await ask(PATH, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
    button.removeAttribute("aria-disabled");
    field.value = "";
    if (body) this.#begin(body);
    else this.#fail(error);
  }

  async #signOut() {
    const { error } = await ask(PATH, { method: "DELETE" });
    setText(this.#element("sign-out-failure"), error ? `Not signed out: ${error}` : "");
    if (!error) this.#end("You have signed out.");
  }

  #begin(who) {
    const before = this.#who;
    this.#who = who;
    this.#wasIn = true;
    this.#element("who").hidden = who.isOpen;
    setText(this.#element("who-name"), who.name);
    setText(this.#element("who-role"), roleWords(who.actions));
    this.#fail("");
    if (before?.uri === who.uri) return;
    if (before) this.#onEnd();
    this.#element("sign-in").close();
    this.#onBegin();
  }

  #end(why) {
    const dialog = this.#element("sign-in");
    const wasIn = this.#who !== null;
    this.#who = null;
    if (dialog.open) return;
    setText(this.#element("sign-in-why"), why);
    dialog.showModal();
    if (wasIn) this.#onEnd();
  }

  #fail(error) {
    setText(this.#element("sign-in-failure"), error);
    const field = this.#element("token");
    if (error === "") field.removeAttribute("aria-invalid");
    else {
      field.setAttribute("aria-invalid", "true");
      field.focus();
    }
  }
}
