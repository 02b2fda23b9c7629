// The edges: which are connected, how hard they have it, and what they lost.
import { arrange, make, setAttribute, setText } from "./dom.js";
import { levelOf, worst } from "./thresholds.js";
import { ageWords, counted, whole } from "./words.js";

const SHOWN_MAX = 50;
const LEVELS = ["", "bulk waits longer", "bulk is sampled", "safety lane only", "takes no connections"];

export class EdgeList {
  #element;
  #rows = new Map();

  constructor(element) {
    this.#element = element;
  }

  /** `edges` of a report; `nowUs`: the aggregator's time. */
  show(edges, nowUs) {
    const away = edges.filter(({ connections }) => connections === 0).length;
    const worstFirst = edges.map((edge) => ({ edge, ...viewOf(edge, nowUs) }))
      .sort((a, b) => rank(b.level) - rank(a.level) || (a.edge.edgeId < b.edge.edgeId ? -1 : 1));
    const summary = this.#element("edges");
    setText(summary, `${whole(edges.length - away)} of ${counted(edges.length, "edge")} connected`);
    setAttribute(summary, "data-level", worst(worstFirst.map(({ level }) => level)));
    const before = this.#rows;
    this.#rows = new Map();
    for (const { edge: { edgeId }, level, words } of worstFirst.slice(0, SHOWN_MAX)) {
      const row = before.get(edgeId) ??
        make("li", {}, [make("span", { className: "edge", text: edgeId }), make("span", { className: "quiet" })]);
      setAttribute(row, "data-level", level);
      setText(row.children[1], words);
      this.#rows.set(edgeId, row);
    }
    arrange(this.#element("edge-list"), [...this.#rows.values()]);
  }
}

function viewOf({ connections, lastMessageTimeUs, status, lostRecords, refusedRecords, region }, nowUs) {
  if (connections === 0) {
    return { level: "warn", words: `not connected, heard ${ageWords((nowUs - lastMessageTimeUs) / 1e6)} ago` };
  }
  const level = worst([
    levelOf("edgeLevel", status?.level ?? null),
    levelOf("edgeBacklogMs", status?.backlogMs ?? null),
  ]);
  const words = [region, status ? `${counted(status.connections, "connection")}` : ""];
  if (status?.level > 0) words.push(`level ${status.level} of 4: ${LEVELS[status.level] ?? ""}`);
  if (status?.backlogMs >= 1000) words.push(`backlog ${ageWords(status.backlogMs / 1000)}`);
  if (lostRecords > 0) words.push(`${whole(lostRecords)} lost`);
  if (refusedRecords > 0) words.push(`${whole(refusedRecords)} refused, sent again`);
  return { level, words: words.filter(Boolean).join(" · ") };
}

function rank(level) {
  return ["ok", "warn", "bad"].indexOf(level);
}
