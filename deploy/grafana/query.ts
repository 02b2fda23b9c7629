// What Grafana asks of Prometheus about a metric: by what the table says of it, a rate, a level or quantiles, added up over whom
// somebody looks at, with the unit that its name ends in.
import type { Metric } from "../../platform/metrics.ts";

/** What is shown of a metric, where its row in the table does not say it already. */
export interface Shown {
  metric: string;
  /** In front of the legend, where a panel shows several. */
  as?: string;
  /** Labels that are kept; without it all of them, or the instance if it has none. */
  by?: readonly string[];
  /** Of a histogram. */
  quantiles?: readonly number[];
  /** Another selection of it, as PromQL has it. */
  where?: string;
  /** It is a time: how long ago that was, or how long until then. */
  time?: "since" | "until";
}

export interface Query {
  expr: string;
  legend: string;
}

/** Any row of a table. */
export type Row = Pick<Metric<never>, "name" | "help" | "type" | "labels" | "together">;

const QUANTILES = [0.5, 0.99];
/** Whom somebody looks at: a variable of each dashboard. */
const WHOM = 'instance=~"$instance"';

/** One, or one for each quantile. */
export function queriesOf(row: Row, { as, by, quantiles = QUANTILES, where, time }: Omit<Shown, "metric">): Query[] {
  const { name, type, labels = [], together = "sum" } = row;
  const kept = by ?? (labels.length > 0 ? labels : type === "histogram" ? [] : ["instance"]);
  const of = (suffix: string) => `${name}${suffix}{${[WHOM, where].filter((one) => one !== undefined).join(", ")}}`;
  const legend = (...parts: (string | undefined)[]) =>
    [as, ...parts, ...kept.map((label) => `{{${label}}}`)].filter((part) => part !== undefined).join(" ");
  if (type === "histogram") {
    return quantiles.map((quantile) => ({
      expr: `histogram_quantile(${quantile}, sum by (${[...kept, "le"].join(", ")}) (rate(${
        of("_bucket")
      }[$__rate_interval])))`,
      legend: legend(`p${quantile * 100}`),
    }));
  }
  const keep = `by (${kept.join(", ")})`;
  if (type === "counter") return [{ expr: `sum ${keep} (rate(${of("")}[$__rate_interval]))`, legend: legend() }];
  const level = `${together} ${keep} (${of("")})`;
  if (time === undefined) return [{ expr: level, legend: legend() }];
  return [{ expr: time === "since" ? `time() - ${level}` : `${level} - time()`, legend: legend() }];
}

/** By Grafana's names. */
export function unitOf({ name, type }: Pick<Row, "name" | "type">): string {
  const base = name.replace(/_total$/, "");
  if (base.endsWith("_bytes")) return type === "counter" ? "Bps" : "bytes";
  // Seconds of the processor in a second.
  if (base.endsWith("_seconds")) return type === "counter" ? "percentunit" : "s";
  return type === "counter" ? "cps" : "short";
}
