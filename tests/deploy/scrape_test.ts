import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { until } from "../e2e/system.ts";
import { System } from "../identity/system.ts";
import { ask, startPrometheus } from "./daemon.ts";
import { hasPrometheus } from "./tools.ts";

describe("Prometheus", { ignore: !hasPrometheus }, () => {
  it("is let in by a viewer's token of a file, which may change, and by nothing else", async () => {
    const folder = await Deno.makeTempDir();
    await using _removed = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
    await using system = await System.start();
    await Deno.writeTextFile(`${folder}/token`, "none");
    const scrape = {
      job_name: "slipstream",
      scheme: "https",
      scrape_interval: "500ms",
      scrape_timeout: "500ms",
      tls_config: { ca_file: system.authority.path("root") },
      authorization: { type: "Bearer", credentials_file: `${folder}/token` },
      static_configs: [{ targets: [system.edgeUrl, system.aggregatorUrl].map((url) => new URL(url).host) }],
    };
    await using prometheus = await startPrometheus(folder, { scrape_configs: [scrape] });
    const areUp = async (wanted: number[]) => String(await ask(prometheus, "up")) === String(wanted);
    await until("it has asked, and is not let in", () => areUp([0, 0]), 30_000);
    const token = await system.authority.token("person", "prometheus", { role: "viewer" });
    await Deno.writeTextFile(`${folder}/token`, token);
    await until("it is let in by both", () => areUp([1, 1]), 30_000);
    await until("it knows what they told", async () => {
      return (await ask(prometheus, "slipstream_edge_uplink_connected")).length === 1;
    }, 30_000);
    assertEquals(await ask(prometheus, "slipstream_edge_uplink_connected"), [1]);
    assertEquals(await ask(prometheus, "count(slipstream_build_info)"), [2]);
    assertGreater((await ask(prometheus, "slipstream_aggregator_journal_entries_total"))[0] ?? 0, 0);
  });
});
