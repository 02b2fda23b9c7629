import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Process } from "../e2e/process.ts";
import { freePort, Inspector } from "./inspector.ts";

const [COLLECTED, HELD] = [9, 8];
const BUFFER_BYTES = 30_000_000;
/** Says at its end whether an object that nothing refers to is still there. */
const SCRIPT = `
  globalThis.held = new Uint8Array(${BUFFER_BYTES});
  const unreachable = new WeakRef({});
  Deno.addSignalListener("SIGTERM", () => Deno.exit(unreachable.deref() ? ${HELD} : ${COLLECTED}));
  setInterval(() => {}, 1000);
  console.log("ready");
`;

async function ends(collect: (port: number) => Promise<void>): Promise<number> {
  const port = freePort();
  await using process = await Process.start({
    args: ["eval", `--inspect=127.0.0.1:${port}`, SCRIPT],
    readyWhen: "ready",
  });
  await collect(port);
  return (await process.stop()).code;
}

describe("Inspector.collectGarbage", () => {
  it("has collected all of it when it resolves, and says what is left", async () => {
    let left = 0;
    const collect = async (port: number) => {
      using inspector = await Inspector.connect(port);
      left = await inspector.collectGarbage();
    };
    assertEquals([await ends(async () => {}), await ends(collect)], [HELD, COLLECTED]);
    assertGreater(left, BUFFER_BYTES);
    assertLess(left, BUFFER_BYTES + 20_000_000);
  });
});
