import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Process } from "../e2e/process.ts";
import { until } from "../e2e/system.ts";
import { Authority } from "../server/certificates.ts";
import { askBy, hasOpenssl, replace } from "../server/tls_rig.ts";

const ATTACKS = [
  { by: "half-handshakes", counted: "handshake" },
  { by: "handshakes", counted: "certificate" },
  { by: "handshakes", counted: "address" },
];
const LONGEST_MS_MAX = 2000;

describe("an aggregator that ends TLS, under attack", { ignore: !hasOpenssl }, () => {
  it("serves who is proven while others make handshakes and half of them, and counts those", async () => {
    await using authority = await Authority.create();
    const { folder, caPath } = authority;
    await replace({ certificatePath: `${folder}/own.crt`, keyPath: `${folder}/own.key` }, await authority.server());
    await Deno.copyFile(caPath, `${folder}/clients.crt`);
    const operator = await authority.issue("operator");
    const file = (name: string) => new URL(name, import.meta.url).pathname;
    const args = ["run", "-A", "--quiet", "--no-check"];
    await using aggregator = await Process.start({
      args: [...args, file("tls_aggregator.ts"), folder],
      readyWhen: "listening on",
    });
    const fleet = async () => {
      const fromMs = performance.now();
      const { text } = await askBy({ url: aggregator.url, authority }, operator, { path: "/v1/fleet" });
      assertStringIncludes(text, "connectionsRefused");
      const counts = JSON.parse(text.slice(text.indexOf("{"))).connectionsRefused as Record<string, number>;
      return { counts, tookMs: performance.now() - fromMs };
    };
    const filesOf = () => [...Deno.readDirSync(`/proc/${aggregator.pid}/fd`)].length;
    const [before, files] = [await fleet(), filesOf()];
    for (const { by, counted } of ATTACKS) {
      await using _attack = await Process.start({
        args: [...args, file("attacks.ts"), by, aggregator.url],
        readyWhen: "attacking",
      });
      await until(`${by} are counted`, async () => {
        const { counts, tookMs } = await fleet();
        assertLess(tookMs, LONGEST_MS_MAX);
        return counts[counted]! > before.counts[counted]!;
      }, 30_000);
    }
    await until("its descriptors are back", () => Promise.resolve(filesOf() <= files + 5), 45_000);
    assertEquals((await fleet()).counts.full, 0);
  });
});
