import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FreshSettings } from "../../aggregator/webhooks/fresh_settings.ts";

const SECRET = `whsec_${new Uint8Array(32).toBase64()}`;
const OTHER_SECRET = `whsec_${new Uint8Array(32).fill(1).toBase64()}`;
const webhook = (name: string, over: object = {}) => ({ name, url: "https://a.example.com/", secret: SECRET, ...over });
const file = (...webhooks: object[]) => JSON.stringify({ webhooks });

/** Files in memory, and looks at them that a test makes. */
function rig(texts: Record<string, string | undefined>, path: string | null = "hooks.json") {
  const now = (path: string) => {
    const text = texts[path];
    if (text === undefined) throw new Deno.errors.NotFound("no such file");
    return text;
  };
  const settings = new FreshSettings(path, { now, soon: (path) => Promise.try(() => now(path)) });
  const [alerts, logs, changes, timers]: [string[], string[], string[], (() => void)[]] = [[], [], [], []];
  const end = settings.keepFresh({
    every: (_, fn) => {
      timers.push(fn);
      return () => timers.length = 0;
    },
    log: (_, message) => logs.push(message),
    operations: {
      degraded: (key, { message }) => alerts.push(`${key}: ${message}`),
      restored: (key) => alerts.push(`${key} restored`),
    },
    onChange: ({ webhooks }) => changes.push(webhooks.map(({ name }) => name).join()),
  });
  const look = async () => {
    for (const fn of timers) fn();
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { settings, texts, alerts, logs, changes, timers, look, end };
}

describe("settings of webhooks", () => {
  it("are used anew once the file is another one, and the same at two looks", async () => {
    const { texts, changes, logs, settings, look } = rig({ "hooks.json": file(webhook("a")) });
    for (let i = 0; i < 3; i++) await look();
    assertEquals(changes, []);
    texts["hooks.json"] = "{";
    await look();
    texts["hooks.json"] = file(webhook("a"), webhook("b"));
    await look();
    assertEquals(changes, []);
    for (let i = 0; i < 3; i++) await look();
    assertEquals([changes, logs], [["a,b"], ["webhooks changed: told are a, b"]]);
    assertEquals(settings.file.webhooks.length, 2);
  });

  it("are used anew when a file that they name is another one", async () => {
    const named = webhook("a", { secret: undefined, secretFile: "secret" });
    const { texts, changes, settings, look } = rig({ "hooks.json": file(named), "secret": SECRET });
    texts["secret"] = `${SECRET}\n${OTHER_SECRET}`;
    for (let i = 0; i < 2; i++) await look();
    assertEquals([changes, settings.file.webhooks[0]!.secrets.length], [["a"], 2]);
  });

  it("stay as they were when the file is wrong, which is told once, until it is right", async () => {
    const { texts, alerts, logs, changes, settings, look } = rig({ "hooks.json": file(webhook("a")) });
    texts["hooks.json"] = file(webhook("b", { url: "ftp://b" }));
    for (let i = 0; i < 4; i++) await look();
    assertEquals([alerts.length, logs.length, changes], [1, 1, []]);
    assertStringIncludes(alerts[0]!, "webhooks: Cannot use the new webhooks, the old ones stay: Cannot read webhooks");
    assertStringIncludes(alerts[0]!, "webhooks.0.url must be");
    texts["hooks.json"] = undefined;
    for (let i = 0; i < 4; i++) await look();
    assertStringIncludes(alerts[1]!, "hooks.json cannot be read: no such file");
    assertEquals(settings.file.webhooks.map(({ name }) => name), ["a"]);
    texts["hooks.json"] = file(webhook("a"));
    for (let i = 0; i < 2; i++) await look();
    assertEquals(alerts.slice(2), ["webhooks restored"]);
  });

  it("are not looked for where there is no file, nor at the end", async () => {
    assertEquals(rig({}, null).timers, []);
    const { texts, changes, look, end } = rig({ "hooks.json": file() });
    end();
    texts["hooks.json"] = file(webhook("a"));
    for (let i = 0; i < 3; i++) await look();
    assertEquals(changes, []);
  });
});
