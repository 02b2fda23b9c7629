// Drones whose software is an installed package are warned of each other, and the aggregator knows that they know.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { System, until } from "../e2e/system.ts";
import { hasPython, outputOf } from "./installed.ts";
import { inNode, inPython } from "./languages.ts";

async function isWarned(program: typeof inNode): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slipstream-warned-" });
  await using system = await System.start();
  try {
    const { command: [name, ...args], ...options } = await program("warned", folder);
    const told = await outputOf(name, [...args, system.telemetryUrl, "pair"], options);
    assertEquals(told, "CONFLICT WARNING conflict\nCONFLICT WARNING conflict\n");
    await until(
      "both warnings are acknowledged",
      async () => (await system.fleet()).warnings.outcomes.acknowledged >= 2,
    );
    assertEquals((await system.fleet()).warnings.outcomes.undelivered, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("drones on a collision course", () => {
  it("are warned, and acknowledge it by themselves: TypeScript, in Node", () => isWarned(inNode));
  it("are warned, and acknowledge it by themselves: Python", { ignore: !hasPython }, () => isWarned(inPython));
});
