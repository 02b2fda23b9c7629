// What imports what, and where that goes round in circles.

/** A file of the repository. */
export interface Source {
  /** From the root, with slashes. */
  path: string;
  text: string;
  lines: string[];
}

/** A relative import, resolved from the root; type imports included. */
export interface Import {
  from: string;
  to: string;
}

export function importsOf({ path, text }: Source): Import[] {
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)].map((match) => match[1]!);
  return specifiers.map((specifier) => ({
    from: path,
    to: new URL(specifier, new URL(path, "file:///")).pathname.slice(1),
  }));
}

/** Its folder; what stands at the root of a part, such as edge/main.ts, stands for itself: it assembles the rooms. */
export function roomOf(path: string): string {
  const parts = path.split("/");
  return parts.length <= 2 ? path : parts.slice(0, -1).join("/");
}

/** The circles of a graph: strongly connected components of more than one node (Tarjan, 1972), each sorted. */
export function circles(edges: readonly Import[]): string[][] {
  const next = Map.groupBy(edges.filter(({ from, to }) => from !== to), ({ from }) => from);
  const [order, low] = [new Map<string, number>(), new Map<string, number>()];
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string) => {
    order.set(node, order.size);
    low.set(node, order.get(node)!);
    stack.push(node);
    for (const { to } of next.get(node) ?? []) {
      if (!order.has(to)) visit(to);
      if (stack.includes(to)) low.set(node, Math.min(low.get(node)!, low.get(to)!));
    }
    if (low.get(node) !== order.get(node)) return;
    const component = stack.splice(stack.indexOf(node));
    if (component.length > 1) found.push(component.sort());
  };
  for (const node of next.keys()) if (!order.has(node)) visit(node);
  return found;
}
