// Vehicles by pymavlink, which nobody here has written, against the running system: their telemetry arrives field for field, and
// they are warned of each other in their own language; directly, and through MAVProxy.
import { describe, it } from "@std/testing/bdd";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { hasPymavlink } from "../mavlink/pymavlink.ts";
import { Command } from "./command.ts";
import { freePort } from "./free_port.ts";
import { checkEncounter, encounter, TCP, UDP, type Way, WEBSOCKET } from "./mavlink_encounter.ts";
import { System } from "./system.ts";

const imports = (modules: string) => new Command("python3", ["-c", `import ${modules}`]).succeeds();
const hasWsproto = hasPymavlink && await imports("wsproto");
const hasMavproxy = hasWsproto && await imports("serial, defusedxml, MAVProxy");
const hasStreams = hasPymavlink && noticesBrokenSockets();

const KEY = "0123456789abcdef".repeat(4);

/** An edge that lets vehicles in by this way, and how they call it; signed: it knows the keys of both. */
async function listening(way: Way, { isSigned }: { isSigned: boolean }) {
  await using undo = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  undo.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.writeTextFile(`${folder}/keys`, `7 ${KEY}\nmav-8 ${KEY}\n`, { mode: 0o600 });
  const port = `${freePort()}`;
  const system = undo.use(
    await System.start({
      edgeEnv: {
        ...way.setting && { [way.setting]: port },
        ...isSigned && { SLIPSTREAM_MAVLINK_KEYS: `${folder}/keys` },
      },
    }),
  );
  const connection = way.connection(way.setting ? port : new URL(system.edge.url).port);
  return { system, connection, afterwards: undo.move() };
}

/** MAVProxy, between the vehicles at `port` and the edge. */
function bridge(port: number, out: string): AsyncDisposable {
  const args = ["-m", "MAVProxy.mavproxy", `--master=udpin:127.0.0.1:${port}`, `--out=${out}`, "--mav20"];
  const quiet = ["--non-interactive", "--nowait", "--no-state", "--default-modules="];
  const child = new Command("python3", [...args, ...quiet]).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

describe("the running system, for vehicles by pymavlink", () => {
  for (const [way, hasClient] of [[UDP, hasPymavlink], [TCP, hasStreams], [WEBSOCKET, hasWsproto]] as const) {
    for (const isSigned of [false, true]) {
      const how = `over ${way.name}${isSigned ? ", signed" : ""}`;
      it(`takes their telemetry ${how}, and warns them`, { ignore: !hasClient }, async () => {
        const { system, connection, afterwards } = await listening(way, { isSigned });
        await using _ = afterwards;
        const flown = await encounter("mavlink_vehicles.py", [connection, ...isSigned ? [KEY] : []]);
        await checkEncounter(system, flown, { isSigned });
      });
    }
  }
});

describe("the running system, behind MAVProxy", () => {
  const WAYS = [[UDP, false, true], [UDP, true, true], [TCP, false, hasStreams], [WEBSOCKET, false, true]] as const;
  for (const [way, isSigned, hasWay] of WAYS) {
    const how = `over ${way.name}${isSigned ? ", signed" : ""}`;
    it(`takes two vehicles' telemetry ${how}, and warns them`, { ignore: !hasMavproxy || !hasWay }, async () => {
      const { system, connection, afterwards } = await listening(way, { isSigned });
      await using _ = afterwards;
      const port = freePort();
      await using _bridge = bridge(port, connection);
      const flown = await encounter("mavlink_vehicles.py", [`udpout:127.0.0.1:${port}`, ...isSigned ? [KEY] : []]);
      await checkEncounter(system, flown, { isSigned });
    });
  }
});
