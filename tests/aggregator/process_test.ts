import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Process } from "../e2e/process.ts";
import { RawClient } from "../edge/raw_client.ts";
import { until } from "../e2e/system.ts";

const NOTHING_KEPT = { SLIPSTREAM_SQLITE: ":memory:", SLIPSTREAM_JOURNAL: ":memory:" };

const main = new URL("../../aggregator/main.ts", import.meta.url).pathname;

function spawn(env: Record<string, string>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", main],
    env: { SLIPSTREAM_AGGREGATOR_PORT: "0", NO_COLOR: "1", ...NOTHING_KEPT, ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function ended(env: Record<string, string>): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await spawn(env).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

describe("aggregator/main.ts", () => {
  it("says where it listens, and ends with 0 on SIGINT and SIGTERM", async () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const child = spawn({});
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const { value } = await reader.read();
      const { level, process, message } = JSON.parse(`${value}`);
      assertEquals([level, process], ["info", "aggregator"]);
      assertMatch(message, /^listening on http:\/\/127\.0\.0\.1:\d+$/);
      const ready = await fetch(`${message.split(" ")[2]}/readyz`);
      assertEquals(await ready.json(), { status: "ready" });
      child.kill(signal);
      assertEquals((await child.status).code, 0);
      await reader.cancel();
      await child.stderr.cancel();
    }
  });

  it("names every wrong setting and ends with 2", async () => {
    const { code, stderr } = await ended({ SLIPSTREAM_AGGREGATOR_PORT: "x", SLIPSTREAM_AGGREGATOR_HOST: "0.0.0.0" });
    assertEquals(code, 2);
    assertStringIncludes(stderr, "2 setting(s) are wrong");
  });

  it("says that the port is taken, in one line, and ends with 2", async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { code, stderr } = await ended({ SLIPSTREAM_AGGREGATOR_PORT: `${taken.addr.port}` });
    assertEquals(code, 2);
    const [line, ...others] = stderr.trim().split("\n");
    assertStringIncludes(`${line}`, `Cannot listen on 127.0.0.1:${taken.addr.port}: the port is taken`);
    assertEquals(others, []);
  });

  it("outlives more connections than it has open files for, and answers again when they have left", async () => {
    const few = ["bash", "-c", 'ulimit -n 64 && exec "$@"', "--"];
    const env = { SLIPSTREAM_AGGREGATOR_PORT: "0", NO_COLOR: "1", ...NOTHING_KEPT };
    const args = ["run", "-A", "--no-check", main];
    await using process = await Process.start({ args, env, through: few, readyWhen: "listening on" });
    const clients: RawClient[] = [];
    for (let i = 0; i < 100; i++) clients.push(await RawClient.connect(process.url));
    await Promise.race(clients.map((client) => client.end()));
    for (const client of clients) client.close();
    await until("it answers again", async () => {
      const answer = await fetch(`${process.url}/v1/fleet`).catch(() => null);
      const fleet = answer?.ok ? await answer.json() : await answer?.body?.cancel();
      return fleet?.connectionsRefused.full > 0;
    });
    const { code, stderr } = await process.stop();
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "connections refused");
  });

  it("says which database it cannot open, and ends with 2", async () => {
    const { code, stderr } = await ended({ SLIPSTREAM_SQLITE: "/dev/null/no.sqlite" });
    assertEquals(code, 2);
    assertStringIncludes(stderr, "SLIPSTREAM_SQLITE is /dev/null/no.sqlite");
  });
});
