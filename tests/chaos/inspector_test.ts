import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Process } from "../e2e/process.ts";
import { freePort, Inspector } from "./inspector.ts";

const [COLLECTED, HELD] = [9, 8];
/** Says at its end whether an object that nothing refers to is still there. */
const SCRIPT = `
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
  it("has collected all of it when it resolves", async () => {
    const collect = async (port: number) => {
      using inspector = await Inspector.connect(port);
      await inspector.collectGarbage();
    };
    assertEquals([await ends(async () => {}), await ends(collect)], [HELD, COLLECTED]);
  });
});
