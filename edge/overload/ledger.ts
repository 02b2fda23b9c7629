// The loss ledger at the edge: what was refused, or is lost for good, as ranges, until the aggregator says that it has
// them. Bounded: a refusal that repeats extends its range, and when all places are taken the overflow is counted.
import { create } from "@bufbuild/protobuf";
import { Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { type LossReport, LossReportSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import type { Counters } from "../counters.ts";

export interface Refusal {
  droneId: string;
  bootId: number;
  firstSeq: number;
  lastSeq: number;
  records: number;
  reason: RefusalReason;
  /** Where it is known. */
  lane?: Lane;
}

interface LedgerRow extends Refusal {
  timeUs: number;
}

interface SentReport {
  report: LossReport;
  sentMs: number;
}

const ROWS_MAX = 8192;
/** A report without an answer for so long is sent again. */
const RESEND_MS = 5000;

/** Names as they are told, such as drone-rate. */
const REASONS = Object.entries(RefusalReason).flatMap(([name, reason]) =>
  typeof reason === "number" ? [[name.toLowerCase().replaceAll("_", "-"), reason] as const] : []
);

export class Ledger {
  readonly #counters: Counters;
  #rows = new Map<string, LedgerRow>();
  #sent: SentReport | null = null;
  #lastReportId = 0n;
  #lastDroneId: string | null = null;
  readonly #byReason = REASONS.map(() => 0);

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** Nothing is left to be reported or acknowledged. */
  get settled(): boolean {
    return this.#rows.size === 0 && this.#sent === null;
  }

  /** Whose records were added last; null before the first. */
  get lastDroneId(): string | null {
    return this.#lastDroneId;
  }

  /** Records, by the name of why they were refused or are lost, since the start. */
  get countByReason(): Readonly<Record<string, number>> {
    return Object.fromEntries(REASONS.map(([name, reason]) => [name, this.#byReason[reason] ?? 0]));
  }

  add(refusal: Refusal, nowUs: number): void {
    this.#lastDroneId = refusal.droneId;
    this.#byReason[refusal.reason]! += refusal.records;
    const key = `${refusal.reason}/${refusal.bootId}/${refusal.droneId}`;
    const row = this.#rows.get(key);
    if (row) {
      row.firstSeq = Math.min(row.firstSeq, refusal.firstSeq);
      row.lastSeq = Math.max(row.lastSeq, refusal.lastSeq);
      row.records += refusal.records;
    } else if (this.#rows.size < ROWS_MAX) {
      this.#rows.set(key, { ...refusal, timeUs: nowUs });
    } else {
      this.#counters.ledgerOverflow += refusal.records;
    }
  }

  /** What is to be sent now: a new report when the last was acknowledged, that one again when it was not, or null. */
  report(nowMs: number): LossReport | null {
    if (this.#sent) {
      if (nowMs - this.#sent.sentMs < RESEND_MS) return null;
      this.#sent.sentMs = nowMs;
      return this.#sent.report;
    }
    if (this.#rows.size === 0) return null;
    const report = create(LossReportSchema, {
      reportId: ++this.#lastReportId,
      losses: Array.from(this.#rows.values(), ({ timeUs, firstSeq, lastSeq, lane, ...rest }) => ({
        ...rest,
        timeUs: BigInt(Math.floor(timeUs)),
        range: { firstSeq, lastSeq },
        lane: lane ?? Lane.UNSPECIFIED,
      })),
    });
    this.#rows = new Map();
    this.#sent = { report, sentMs: nowMs };
    return report;
  }

  /** The aggregator has a report. */
  acknowledged(reportId: bigint): void {
    if (this.#sent?.report.reportId === reportId) this.#sent = null;
  }

  /** On a new connection nobody knows what arrived: the last report goes out again at once. */
  connectionLost(): void {
    if (this.#sent) this.#sent.sentMs = -Infinity;
  }
}
