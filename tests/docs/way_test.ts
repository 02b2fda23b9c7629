import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { read, tableUnder } from "./pages.ts";

const FILES_MAX = 20;
/** Where the parts of a process are put together, in the order of the data. */
const ASSEMBLIES = [
  "edge/edge.ts",
  "edge/ingest/doors.ts",
  "edge/uplink/handover.ts",
  "aggregator/aggregator.ts",
  "aggregator/core/core.ts",
];

const SERVED = "platform/server/server.ts";

const importsOf = new Map<string, Set<string>>();

/** Files that a file imports, from the root of the repository. */
async function imports(path: string): Promise<Set<string>> {
  let found = importsOf.get(path);
  if (!found) {
    const specifiers = (await read(path)).matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
    const paths = Array.from(specifiers, ([, specifier]) => new URL(specifier!, new URL(path, "file:///")).pathname);
    importsOf.set(path, found = new Set(paths.map((pathname) => pathname.slice(1))));
  }
  return found;
}

const processOf = (path: string) => path.slice(0, path.indexOf("/"));

/** One imports the other, one assembly imports both, or both speak a message across the wire between two processes. */
async function areNeighbours(a: string, b: string): Promise<boolean> {
  const [ofA, ofB] = [await imports(a), await imports(b)];
  if (ofA.has(b) || ofB.has(a)) return true;
  if (processOf(a) !== processOf(b)) {
    const wires = ["edge", "aggregator", "clients"];
    const isWire = wires.includes(processOf(a)) && wires.includes(processOf(b));
    if (isWire && [...ofA].some((path) => /\/(up|down)link_pb\.ts$/.test(path) && ofB.has(path))) return true;
  }
  // A server and the app that it serves: neither knows the other, both know what one is to the other.
  if (ofA.has(SERVED) && ofB.has(SERVED) && [a, b].some((path) => path.startsWith("platform/server/"))) return true;
  for (const assembly of ASSEMBLIES) {
    const parts = await imports(assembly);
    if (parts.has(a) && parts.has(b)) return true;
  }
  return false;
}

const page = { path: "docs/architecture.md", text: await read("docs/architecture.md") };
const files = tableUnder("## The way of a position", page).map(([file]) => /^\[([^\]]+)\]/.exec(file!)?.[1] ?? file!);

describe("the way of a position, as docs/architecture.md has it", () => {
  it(`goes from a socket to the drone that acknowledges, through at most ${FILES_MAX} files, none twice`, () => {
    assertEquals([files.at(0), files.at(-1)], [
      "platform/server/http_server.ts",
      "clients/typescript/src/drone_client.ts",
    ]);
    assertLess(files.length, FILES_MAX + 1);
    assertGreater(files.length, 10);
    assertEquals(new Set(files).size, files.length);
  });

  it("leads from each file to one that it knows", async () => {
    const strangers: string[] = [];
    for (const [i, file] of files.entries()) {
      const next = files[i + 1];
      if (next !== undefined && !await areNeighbours(file, next)) strangers.push(`${file} → ${next}`);
    }
    assertEquals(strangers, []);
  });

  it("would not lead anywhere else: files that are not next to each other are strangers", async () => {
    assertEquals(await areNeighbours("platform/server/http_server.ts", "edge/uplink/backlog.ts"), false);
    assertEquals(await areNeighbours("edge/lanes/sealing.ts", "aggregator/alerts/alerts.ts"), false);
    assertEquals(await areNeighbours("aggregator/alerts/alerts.ts", "aggregator/intake/edge_connection.ts"), false);
  });
});
