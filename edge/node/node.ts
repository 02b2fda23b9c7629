// A node: several edges behind one port, and what they have in common: the rate that they let in together, and what is asked
// of all of them. They do without the node while nothing changes: frames and batches never pass through it.
import type { Exposition, Told } from "../../platform/metrics.ts";
import type { Platform } from "../../platform/system.ts";
import { type FromMember, type Question, REPORT_MS, type View, type Welcome } from "../member/messages.ts";
import { memberId } from "../ids/edge_id.ts";
import { type EdgeState, NodeMetrics } from "./node_metrics.ts";
import type { EdgeProcess } from "./process.ts";
import { Seat } from "./seat.ts";
import { Shares } from "./shares.ts";
import { sum } from "./sum.ts";

export interface NodeParts extends Pick<Platform, "clock" | "after" | "every" | "log"> {
  edges: number;
  edgeId: string;
  port: number;
  mqttPort: number | null;
  /** Records/s of all together. */
  ratePerS: number;
  pseudonymKey: string | null;
  start: (onMessage: (message: FromMember) => void) => EdgeProcess;
  /** It cannot go on. */
  onHopeless: (error: Error) => void;
}

/** An edge that has not answered by then is left out. */
const ANSWER_MS_MAX = 1000;
const CHECK_MS = 1000;

interface Round {
  question: Question;
  views: Map<number, View>;
  waiting: Set<number>;
  end: () => void;
}

export class Node {
  readonly #parts: NodeParts;
  readonly #seats: Seat[];
  readonly #shares: Shares;
  readonly #metrics = new NodeMetrics();
  readonly #rounds = new Map<number, Round>();
  #questions = 0;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.#shares = new Shares(parts);
    this.#seats = Array.from({ length: parts.edges }, (_, edge) => this.#seat(edge));
  }

  /** Starts them all. Resolves with the URL when each of them listens. */
  async start(): Promise<string> {
    const { every } = this.#parts;
    for (const seat of this.#seats) seat.start();
    every(REPORT_MS, () => this.#lend());
    every(CHECK_MS, () => this.#seats.forEach((seat) => seat.check()));
    const [url = ""] = await Promise.all(this.#seats.map((seat) => seat.firstListening));
    return url;
  }

  /** Each hands over what it has, all at the same time; those that are still there after `limitMs` are killed. */
  async stop(limitMs: number): Promise<void> {
    const cancel = this.#parts.after(limitMs, () => this.kill());
    await Promise.all(this.#seats.map((seat) => seat.stop()));
    cancel();
  }

  /** Now. */
  kill(): void {
    for (const seat of this.#seats) seat.kill();
  }

  #seat(edge: number): Seat {
    const { clock, after, log, start, onHopeless } = this.#parts;
    return new Seat({
      ...{ number: edge + 1, clock, after, log, onHopeless },
      start: (onMessage) => {
        const process = start(onMessage);
        process.send({ kind: "welcome", ...this.#welcome(edge) });
        return process;
      },
      onMessage: (message) => this.#heard(edge, message),
      onEnded: () => {
        this.#shares.gone(edge);
        this.#metrics.gone(edge);
        for (const round of this.#rounds.values()) this.#settle(round, edge);
      },
    });
  }

  #welcome(edge: number): Welcome {
    const { edges, port, mqttPort, pseudonymKey } = this.#parts;
    return { number: edge + 1, of: edges, port, mqttPort, pseudonymKey, ratePerS: this.#shares.start(edge) };
  }

  #heard(edge: number, message: FromMember): void {
    if (message.kind === "report") {
      const { rate, records } = message;
      this.#shares.report(edge, { held: rate, askedPerS: records * 1000 / REPORT_MS });
    } else if (message.kind === "question") {
      const { id, question } = message;
      this.#answer(question).then((view) => this.#seats[edge]!.send({ kind: "answer", id, view }));
    } else if (message.kind === "answer") {
      const round = this.#rounds.get(message.id);
      if (!round) return;
      round.views.set(edge, message.view);
      // Before it can end: what it has counted stays with the node.
      if (round.question.about === "metrics") this.#metrics.heard(edge, message.view.told as Told);
      this.#settle(round, edge);
    }
  }

  #lend(): void {
    for (const { edge, rate } of this.#shares.next()) this.#seats[edge]!.send({ kind: "rate", ...rate });
  }

  /** All that there is to say, whatever is wrong: an edge waits for it, and others with it. */
  async #answer(question: Question): Promise<View> {
    try {
      const views = await this.#ask(question);
      if (question.about === "metrics") return { ...await this.#metricsOf(views) };
      if (question.about === "readiness") return { reason: this.#notReady(views) };
      const together = sum([...views.values()]);
      return question.about === "status" ? { ...together, ...this.#own(views) } : together;
    } catch (error) {
      this.#parts.log("warn", `Cannot answer for all edges: ${error}`);
      return {};
    }
  }

  async #ask(question: Question): Promise<ReadonlyMap<number, View>> {
    const id = ++this.#questions;
    const { promise, resolve } = Promise.withResolvers<void>();
    const asked = [...this.#seats.entries()].filter(([, seat]) => seat.isListening);
    const round: Round = { question, views: new Map(), waiting: new Set(asked.map(([edge]) => edge)), end: resolve };
    this.#rounds.set(id, round);
    for (const [, seat] of asked) seat.send({ kind: "question", id, question });
    const cancel = this.#parts.after(ANSWER_MS_MAX, resolve);
    await promise;
    cancel();
    this.#rounds.delete(id);
    return round.views;
  }

  #settle({ waiting, end }: Round, edge: number): void {
    waiting.delete(edge);
    if (waiting.size === 0) end();
  }

  #states(views: ReadonlyMap<number, View>): EdgeState[] {
    return this.#seats.map(({ pid }, edge) => views.has(edge) ? "answers" : pid === null ? "ended" : "silent");
  }

  /** What a node's status has in place of an edge's. */
  #own(views: ReadonlyMap<number, View>): View {
    const { edgeId } = this.#parts;
    const states = this.#states(views);
    const edges = this.#seats.map(({ pid, restarts }, edge) => {
      const view = views.get(edge) ?? { edgeId: memberId(edgeId, edge + 1) };
      return { ...view, state: states[edge], pid, restarts };
    });
    return { edgeId, session: null, edges };
  }

  #metricsOf(views: ReadonlyMap<number, View>): Promise<Exposition> {
    const restarts = this.#seats.reduce((sum, seat) => sum + seat.restarts, 0);
    return this.#metrics.together(new Set(views.keys()), { states: this.#states(views), restarts });
  }

  /** Why one of those that get drones takes none; null: all do. The others have the drones of one that is started again. */
  #notReady(views: ReadonlyMap<number, View>): string | null {
    for (const [edge, { isListening }] of this.#seats.entries()) {
      const view = views.get(edge) ?? { reason: "it does not answer" };
      if (isListening && view.reason !== null) return `edge ${edge + 1}: ${view.reason}`;
    }
    return null;
  }
}
