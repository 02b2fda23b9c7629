import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { readWebhooks } from "../../aggregator/webhooks/settings.ts";

const SECRET = `whsec_${new Uint8Array(32).toBase64()}`;
const OPS = { name: "ops", url: "https://ops.example.com/hook", secret: SECRET };

function read(file: unknown, others: Record<string, string> = {}) {
  const texts: Record<string, string> = {
    "hooks.json": typeof file === "string" ? file : JSON.stringify(file),
    ...others,
  };
  return readWebhooks("hooks.json", (path) => {
    const text = texts[path];
    if (text === undefined) throw new Deno.errors.NotFound("no such file");
    return text;
  });
}

describe("readWebhooks", () => {
  it("has a default for all but name, address and secret", () => {
    const { consoleUrl, webhooks: [ops] } = read({ webhooks: [OPS] });
    const { secrets, kinds, ...rest } = ops!;
    assertEquals([consoleUrl, secrets.length, kinds.length], ["", 1, 11]);
    assertEquals(rest, {
      name: "ops",
      url: "https://ops.example.com/hook",
      format: "alertmanager",
      caPem: null,
      severities: ["warning", "critical"],
      reminders: false,
      concurrency: 4,
      timeoutMs: 10_000,
      pauseMsMax: 60_000,
      giveUpMs: 86_400_000,
      refusalsMax: 5,
    });
  });

  it("takes secrets from a file, one on each line, and the certificates of who signs for a receiver", () => {
    const other = `whsec_${new Uint8Array(24).fill(1).toBase64()}`;
    const file = { webhooks: [{ ...OPS, secret: undefined, secretFile: "secrets", caFile: "ca.pem" }] };
    const { webhooks: [ops] } = read(file, { secrets: `${SECRET}\n\n${other}\n`, "ca.pem": "PEM" });
    assertEquals(ops!.secrets, [new Uint8Array(32), new Uint8Array(24).fill(1)]);
    assertEquals(ops!.caPem, "PEM");
  });

  const WRONG: [what: string, file: unknown, said: string[]][] = [
    ["no JSON", "{", ["it Invalid input"]],
    ["another URL", { webhooks: [{ ...OPS, url: "ftp://ops" }, { ...OPS, name: "b", url: "http://u:p@ops/" }] }, [
      "webhooks.0.url must be an http:// or https:// URL",
      "webhooks.1.url must be",
    ]],
    ["no secret", { webhooks: [{ name: "ops", url: OPS.url }] }, ["webhooks.0 must have a secret"]],
    ["a short secret", { webhooks: [{ ...OPS, secret: "whsec_AAAA" }] }, ["24 to 64 bytes in base64"]],
    ["a secret of no base64", { webhooks: [{ ...OPS, secret: `${SECRET}=====` }] }, ["24 to 64 bytes in base64"]],
    ["a file that is not there", { webhooks: [{ ...OPS, secretFile: "gone" }] }, ["gone cannot be read: no such file"]],
    ["two of one name", { webhooks: [OPS, OPS] }, ["two webhooks are named ops"]],
    ["what it does not know, and numbers out of bounds", { webhooks: [{ ...OPS, retries: 3, timeoutS: 0 }] }, [
      "retries",
      "webhooks.0.timeoutS must be a whole number from 1 to 60",
    ]],
    ["an alert that there is not", { webhooks: [{ ...OPS, kinds: ["rain"] }] }, ["must be some of conflict, crowd"]],
  ];
  for (const [what, file, said] of WRONG) {
    it(`refuses ${what}, and says all that is wrong`, () => {
      const { message } = assertThrows(() => read(file), TypeError, "Cannot read webhooks from hooks.json: ");
      for (const part of said) assertStringIncludes(message, part);
      assertEquals(message.includes(SECRET), false);
    });
  }

  it("takes what docs/webhooks.md shows, and has the defaults that it says", async () => {
    const page = await Deno.readTextFile(new URL("../../docs/webhooks.md", import.meta.url));
    const [, json = ""] = /```\n(\{[\s\S]*?)```/.exec(page) ?? [];
    const { webhooks } = read(json, { "/etc/slipstream/pager.secret": SECRET });
    assertEquals(webhooks.map(({ name, format, kinds }) => [name, format, kinds.length]), [
      ["pager", "alertmanager", 11],
      ["archive", "cloudevents", 2],
    ]);
    const defaults = Object.fromEntries(
      Array.from(page.matchAll(/^\| `(\w+)` +\| (\S.*?) +\|/gm), ([, field, shown]) => [field, shown]),
    );
    const { concurrency, timeoutMs, pauseMsMax, giveUpMs, refusalsMax } = webhooks[0]!;
    const held = {
      concurrency,
      timeoutS: timeoutMs / 1000,
      pauseS: pauseMsMax / 1000,
      giveUpS: giveUpMs / 1000,
      refusals: refusalsMax,
    };
    for (const [field, value] of Object.entries(held)) assertEquals(defaults[field], `${value}`, field);
  });

  it("wants a database that outlives the process", () => {
    const env = { SLIPSTREAM_WEBHOOKS: "hooks.json", SLIPSTREAM_SQLITE: ":memory:" };
    assertThrows(() => readAggregatorConfig(env), TypeError, "needs SLIPSTREAM_SQLITE to be a file");
  });
});
