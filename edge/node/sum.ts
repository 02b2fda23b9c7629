// What all edges of a node say of themselves, as if it were one edge: counts are added, of delays and levels the highest
// holds, lists are joined, and of states the first is told that is not as it should be.
import type { View } from "../member/messages.ts";
import { HIGHEST } from "../metrics/measures.ts";

/** Numbers that cannot be added: of /v1/scale, where one edge's need is the node's, and the version of a protocol. */
const NO_SUMS: ReadonlySet<string> = new Set([
  ...HIGHEST,
  ...["replicas", "wanted", "lagMs", "connectionsPct", "backlogMs", "protocol"],
]);
const AS_IT_SHOULD_BE = new Set<unknown>(["connected", "closed", "works", null]);

/** @param views of edges, at least one; they have the same fields */
export function sum(views: readonly View[]): View {
  const [first = {}] = views;
  return Object.fromEntries(Object.keys(first).map((name) => [name, together(name, views.map((view) => view[name]))]));
}

function together(name: string, values: readonly unknown[]): unknown {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length > 0) return NO_SUMS.has(name) ? Math.max(...numbers) : numbers.reduce((a, b) => a + b, 0);
  const [first] = values;
  if (Array.isArray(first)) return [...new Set(values.flat())];
  if (typeof first === "object" && first !== null) {
    return sum(values.filter((value): value is View => typeof value === "object" && value !== null));
  }
  return values.find((value) => !AS_IT_SHOULD_BE.has(value)) ?? first;
}
