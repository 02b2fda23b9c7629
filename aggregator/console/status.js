// Whether the page can be believed: a line in the header, and banners across the page.
import { bannersOf } from "./banners.js";
import { arrange, make, setAttribute, setText } from "./dom.js";
import { ageWords, clockWords } from "./words.js";

export class Status {
  #element;
  #banners = new Map();

  constructor(element) {
    this.#element = element;
  }

  /** @param state see bannersOf; `now`: `{clockMs, wallMs}`; `freshness`: a Freshness */
  show({ now, freshness, broken, fleet, alerts, isOpen }) {
    const news = {
      silentMs: freshness.silentMs(now),
      lastWallMs: freshness.lastWallMs,
      lateMs: freshness.lateMs,
      isStale: freshness.isStale(now),
      isLate: freshness.isLate,
    };
    const isGood = !news.isStale && !news.isLate && !broken && news.lastWallMs !== null;
    const connection = this.#element("connection");
    const age = news.lastWallMs === null ? "" : `, last news ${ageWords(news.silentMs / 1000)} ago`;
    const words = news.lastWallMs === null && !news.isStale
      ? "connecting"
      : broken
      ? `connection lost${age}`
      : `stale${age}`;
    setText(connection, isGood ? "live" : news.isLate && !news.isStale ? "late" : words);
    setAttribute(connection, "data-level", isGood ? "ok" : news.lastWallMs === null && !news.isStale ? "warn" : "bad");
    setAttribute(document.body, "data-stale", isGood || (news.lastWallMs === null && !news.isStale) ? null : "");
    setText(this.#element("clock"), clockWords(now.wallMs));
    this.#draw(bannersOf({ news, broken, fleet, alerts, isOpen }));
  }

  // A banner that stays is changed in place: a screen reader says a title once, not each second.
  #draw(banners) {
    const before = this.#banners;
    this.#banners = new Map(banners.map((banner) => [banner.key, before.get(banner.key) ?? makeBanner()]));
    for (const { key, severity, title, detail } of banners) {
      const node = this.#banners.get(key);
      setAttribute(node, "data-severity", severity);
      setAttribute(node.children[0], "role", severity === "note" ? null : "alert");
      setText(node.children[0], title);
      setText(node.children[1], detail);
    }
    arrange(this.#element("banners"), [...this.#banners.values()]);
  }
}

function makeBanner() {
  return make("div", { className: "banner" }, [
    make("strong"),
    make("span", { "aria-live": "off" }),
  ]);
}
