// A tracer that writes down what it is told, with contexts that a test can foresee.
import { idsOf, type SpanEnd, type SpanStart, type Tracer } from "../../platform/tracing.ts";

export interface WrittenSpan extends SpanStart, Partial<SpanEnd> {
  name: string;
  id: number;
  /** Number of the span that it is part of; null: it begins a trace; "other": one that this tracer did not begin. */
  above: number | "other" | null;
}

/** The context of span number `id`. */
export function contextOf(id: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(24).fill(id);
}

export function writtenSpans(): { tracer: Tracer; begun: WrittenSpan[]; ended: WrittenSpan[]; told: () => string[] } {
  const [begun, ended]: WrittenSpan[][] = [[], []] as never;
  const aboveOf = (parent: Uint8Array | null) => {
    if (!parent || !idsOf(parent)) return null;
    return begun!.some(({ id }) => id === parent[0]) ? parent[0]! : "other";
  };
  const tracer: Tracer = (name, start) => {
    const id = begun!.length + 1;
    const span: WrittenSpan = { ...start, name, id, above: aboveOf(start.parent) };
    begun!.push(span);
    return {
      context: contextOf(id),
      end: ({ attributes, ...end }) => {
        ended!.push(Object.assign(span, end, { attributes: { ...span.attributes, ...attributes } }));
      },
    };
  };
  const nameOf = (above: WrittenSpan["above"]) => begun!.find(({ id }) => id === above)?.name ?? above ?? "";
  const told = () => ended!.map(({ above, name, error }) => `${nameOf(above)} > ${name}${error ? `: ${error}` : ""}`);
  return { tracer, begun: begun!, ended: ended!, told };
}
