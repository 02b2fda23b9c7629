// deno task top: a running system in a terminal, as its events tell it.
import { optionsOf } from "../../platform/options.ts";
import { systemPlatform } from "../../platform/system.ts";
import { type Board, emptyBoard } from "./board.ts";
import { follow } from "./feed.ts";
import { pictureOf, seenOnce } from "./once.ts";
import { TOP, type TopOptions } from "./options.ts";
import { screenOf } from "./screen.ts";
import { asksToEnd, Terminal } from "./terminal.ts";

const DRAW_MS = 250;
/** What a terminal is taken for that does not know its size. */
const SIZE = { columns: 80, rows: 24 };

const platform = systemPlatform("top", { now: () => Date.now() });
const encoder = new TextEncoder();

function asker({ token, ca }: TopOptions) {
  const client = Deno.createHttpClient(ca === null ? {} : { caCerts: [Deno.readTextFileSync(ca)] });
  return async (url: string, signal: AbortSignal) => {
    const headers: Record<string, string> = {};
    if (token !== null) headers.authorization = `Bearer ${(await Deno.readTextFile(token)).trim()}`;
    return await fetch(url, { headers, signal, client });
  };
}

function write(text: string): void {
  const bytes = encoder.encode(text);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}

function size() {
  try {
    return Deno.consoleSize();
  } catch (error) {
    if (error instanceof Error) return SIZE;
    throw error;
  }
}

async function watch(parts: Parameters<typeof seenOnce>[0]): Promise<void> {
  const ending = new AbortController();
  const terminal = new Terminal({ write, size, setRaw: (isRaw) => Deno.stdin.setRaw(isRaw, { cbreak: isRaw }) });
  let board: Board = emptyBoard(parts.url);
  const draw = () => terminal.draw(screenOf(board, { ...terminal.size, nowMs: platform.now() }));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, () => ending.abort());
  Deno.addSignalListener("SIGWINCH", draw);
  Deno.addSignalListener("SIGCONT", () => {
    terminal.open();
    draw();
  });
  terminal.open();
  try {
    platform.every(DRAW_MS, draw);
    listenForKeys(() => ending.abort());
    await follow({ ...parts, signal: ending.signal, onChange: (next) => board = next });
  } finally {
    terminal.close();
  }
}

/** Until there are no more, or somebody asks to end. */
async function listenForKeys(end: () => void): Promise<void> {
  for await (const keys of Deno.stdin.readable) if (asksToEnd(keys)) return end();
  end();
}

async function main(options: TopOptions): Promise<number> {
  const parts = { url: options.aggregator.replace(/\/+$/, ""), ask: asker(options), platform };
  const { json } = options;
  if (!options.once && !json && Deno.stdout.isTerminal() && Deno.stdin.isTerminal()) {
    await watch(parts);
    return 0;
  }
  const board = await seenOnce(parts);
  console.log(pictureOf(board, { nowMs: platform.now(), json }));
  return board.fleet ? 0 : 1;
}

const options = optionsOf(TOP);
try {
  Deno.exit(await main(options));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(`Cannot show it: ${error.message}`);
  Deno.exit(2);
}
