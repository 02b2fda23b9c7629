// A process that is looked at, by its address.

export interface Place {
  kind: "edge" | "aggregator";
  /** Without a slash at its end. */
  url: string;
}

/** What people call it. */
export function nameOf({ kind, url }: Place): string {
  return `${kind} ${url}`;
}

/** The setting by which it gets another port. */
export function portSetting({ kind }: Place): string {
  return kind === "edge" ? "SLIPSTREAM_EDGE_PORT" : "SLIPSTREAM_AGGREGATOR_PORT";
}
