// What Prometheus is told, out of tables in which each metric stands once. Nothing is counted for it: what is there is read
// when somebody asks, and the library comes with the first question, or before. What several processes tell can be put together.
import type * as Library from "prom-client";
import type { Latency } from "./latency.ts";

export type Labels = Readonly<Record<string, string>>;

/** One number, several by their labels, or none now. */
type Samples<Value> = Value | null | readonly (readonly [Labels, Value])[];

interface Described {
  /** By Prometheus' rules: the unit last, and _total behind what only grows. */
  name: string;
  help: string;
  /** Names of its labels, whose values are few: never a drone, never an address. */
  labels?: readonly string[];
  /** What holds for several processes together; where nothing is said, their sum. */
  together?: "max" | "min";
}

/** One row of a table; `Source` is what its numbers are read from. */
export type Metric<Source> =
  & Described
  & (
    | { type: "counter" | "gauge"; read: (source: Source) => Samples<number> }
    | { type: "histogram"; read: (source: Source) => Samples<Latency> }
  );

/** A row that has its source. */
type Bound = Metric<void>;

/** What is answered to who asks. */
export interface Exposition {
  contentType: string;
  text: string;
}

/** What one process tells, as it can be handed to another. */
export type Told = Awaited<ReturnType<Library.Registry["getMetricsAsJSON"]>>;

/** A table with the source of its numbers, which is read once for each answer. */
export function from<Source>(source: () => Source, table: readonly Metric<Source>[]): () => Bound[] {
  return () => {
    const now = source();
    return table.map((row) => ({ ...row, read: () => row.read(now) }) as Bound);
  };
}

/** Samples of a table's record, such as counts by reason. */
export function by(label: string, counts: Readonly<Record<string, number>>): [Labels, number][] {
  return Object.entries(counts).map(([value, count]) => [{ [label]: value }, count]);
}

/** Loads the library, for whoever would hold others up with that once somebody asks: it takes tens of milliseconds. */
export async function loadLibrary(): Promise<void> {
  await import("prom-client");
}

/** Tells what all tables say, each time it is asked. */
export function told(tables: readonly (() => Bound[])[]): () => Promise<Told> {
  return async () => {
    const library = await import("prom-client");
    const registry = new library.Registry();
    for (const row of tables.flatMap((table) => table())) register(row, { ...library, registry });
    return await registry.getMetricsAsJSON();
  };
}

/** What processes have told, together, as Prometheus reads it. */
export async function exposition(processes: readonly Told[]): Promise<Exposition> {
  const registry = await registryOf(processes);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** What processes have counted, together. */
export async function counted(processes: readonly Told[]): Promise<Told> {
  return await (await registryOf(processes.map(counts))).getMetricsAsJSON();
}

/** Of what a process has told, all that only grows. */
export function counts(told: Told): Told {
  // The library calls them by their names, and its types by numbers.
  return told.filter(({ type }) => String(type) !== "gauge");
}

async function registryOf(processes: readonly Told[]): Promise<Library.Registry> {
  const { AggregatorRegistry } = await import("prom-client");
  return AggregatorRegistry.aggregate([...processes]);
}

type Registering = Pick<typeof Library, "Counter" | "Gauge"> & { registry: Library.Registry };

function register(row: Bound, { Counter, Gauge, registry }: Registering): void {
  const { name, help, labels = [], together: aggregator = "sum" as const } = row;
  if (row.type === "histogram") {
    const values = samples(row.read()).flatMap(([labels, latency]) => bucketsOf(name, { labels, latency }));
    // The library's own would count again what is counted already.
    const rows = { name, get: () => Promise.resolve({ name, help, type: "histogram", aggregator: "sum", values }) };
    if (values.length > 0) registry.registerMetric(rows as unknown as Library.Histogram);
    return;
  }
  const values = samples(row.read());
  if (values.length === 0) return;
  const described = { name, help, labelNames: [...labels], aggregator, registers: [registry] };
  const metric = row.type === "counter" ? new Counter(described) : new Gauge(described);
  for (const [labels, value] of values) metric.inc(labels, value);
}

function samples<Value extends number | Latency>(read: Samples<Value>): readonly (readonly [Labels, Value])[] {
  if (read === null) return [];
  return isList(read) ? read : [[{}, read]];
}

function isList<Value>(
  read: Value | readonly (readonly [Labels, Value])[],
): read is readonly (readonly [Labels, Value])[] {
  return Array.isArray(read);
}

function bucketsOf(name: string, { labels, latency }: { labels: Labels; latency: Latency }) {
  const { upTo, count, sumS } = latency.buckets();
  const metricName = `${name}_bucket`;
  return [
    ...upTo.map(([le, value]) => ({ metricName, labels: { ...labels, le }, value })),
    { metricName, labels: { ...labels, le: "+Inf" }, value: count },
    { metricName: `${name}_sum`, labels, value: sumS },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
