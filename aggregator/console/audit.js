// The page of the audit: the latest records, again when one comes, and older ones when they are asked for.
import { arrange, make, setAttribute, setText } from "./dom.js";
import { followEvents } from "./feed.js";
import { ask } from "./requests.js";
import { counted, momentWords } from "./words.js";

const LIMIT = 100;
/** The history has a record some 250 ms after it was told. */
const KEPT_AFTER_MS = 500;

const element = (id) => document.getElementById(id);
const rows = new Map();
let later = 0;

/** `beforeId` null: the latest ones. */
async function load(beforeId = null) {
  const before = beforeId === null ? "" : `&before=${beforeId}`;
  const { body, error } = await ask(`/v1/audit?limit=${LIMIT}${before}`);
  setText(element("audit-failure"), error ? `Cannot show the audit: ${error}` : "");
  if (!body) return;
  const isFirst = rows.size === 0;
  const fresh = body.records.filter(({ id }) => !rows.has(id));
  for (const record of fresh) rows.set(record.id, rowOf(record));
  arrange(element("audit-records"), [...rows].toSorted(([a], [b]) => b - a).map(([, row]) => row));
  if (isFirst || beforeId !== null) element("audit-older").hidden = body.records.length < LIMIT;
  element("audit-none").hidden = rows.size > 0;
  if (!isFirst && fresh.length > 0) setText(element("audit-news"), `${counted(fresh.length, "record")} more`);
}

function rowOf({ seq, atUs, who, what, subject, before, after, journal, hash }) {
  const cell = (text, className) => make("td", { className, text });
  const number = make("td", { className: "number", text: String(seq), title: `${journal}, SHA-256 ${hash}` });
  const times = make("time", { text: momentWords(atUs / 1000) });
  return make("tr", {}, [
    make("td", { className: "when" }, [times]),
    ...[who, what, subject, before, after].map((text) => cell(text)),
    number,
  ]);
}

function showConnection(level, words) {
  setAttribute(element("connection"), "data-level", level);
  setText(element("connection"), words);
}

element("audit-older").addEventListener("click", () => load(Math.min(...rows.keys())));
followEvents({
  only: "audit",
  on: {
    audit: () => {
      clearTimeout(later);
      later = setTimeout(load, KEPT_AFTER_MS);
    },
  },
  onNews: () => {},
  onOpen: () => {
    showConnection("ok", "live");
    load();
  },
  onBroken: () => showConnection("bad", "not connected"),
});
