// The load of the connections' benchmark, as a process: first many that stay and do nothing, then new ones, each until its
// Hello has come. Told a ConnectionsOrder in a file, it prints ConnectionsLoaded.
import { type LoadProof, type LoadSocket, openSocket } from "./load_socket.ts";
import { cpuUs, rssKib } from "../e2e/proc.ts";

/** What it is to do. */
export interface ConnectionsOrder {
  /** Of the WebSocket, by http: or https:. */
  url: string;
  serverPid: number;
  /** Of those that stay: as many as there are. */
  proofs: LoadProof[];
  /** How long new ones are made. */
  measureMs: number;
}

/** What it found. */
export interface ConnectionsLoaded {
  /** Memory of the server, for each that stayed. */
  kibPerConnection: number;
  handshakesPerS: number;
  cpuMsPerHandshake: number;
}

/** At once, while connections are being made: a TLS client of this runtime waits 40 ms of each (Nagle), and not for the server. */
const AT_ONCE = 64;
/** By then the server has its code compiled. */
const WARM_UP = 200;
const SETTLE_MS = 1500;

async function untilHello(url: URL, proof: LoadProof): Promise<LoadSocket> {
  const socket = await openSocket(url, proof);
  if (socket.first.length === 0 && await socket.connection.read(new Uint8Array(256)) === null) {
    throw new Error(`Cannot hear a Hello of ${url}: it closed the connection`);
  }
  return socket;
}

/** Makes connections until it is told to stop. @returns how many */
async function make(isOver: (made: number) => boolean, open: (i: number) => Promise<void>): Promise<number> {
  let [begun, made] = [0, 0];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (; !isOver(begun); made++) await open(begun++);
  }));
  return made;
}

async function run({ url, serverPid, proofs, measureMs }: ConnectionsOrder): Promise<ConnectionsLoaded> {
  const at = new URL(url);
  const settled = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const come = (i: number) => untilHello(at, proofs[i % proofs.length]!);
  const comeAndGo = async (i: number) => (await come(i)).connection.close();
  await make((begun) => begun >= WARM_UP, comeAndGo);
  await settled();

  const before = await rssKib(serverPid);
  const stay: LoadSocket[] = [];
  await make((begun) => begun >= proofs.length, async (i) => void stay.push(await come(i)));
  await settled();
  const kibPerConnection = (await rssKib(serverPid) - before) / stay.length;
  for (const { connection } of stay) connection.close();
  await settled();

  const [fromUs, fromMs] = [await cpuUs(serverPid), performance.now()];
  const handshakes = await make(() => performance.now() - fromMs >= measureMs, comeAndGo);
  const tookMs = performance.now() - fromMs;
  const cpuMsPerHandshake = (await cpuUs(serverPid) - fromUs) / 1000 / handshakes;
  return { kibPerConnection, handshakesPerS: handshakes / tookMs * 1000, cpuMsPerHandshake };
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(await Deno.readTextFile(Deno.args[0] ?? "")))));
  Deno.exit(0);
}
