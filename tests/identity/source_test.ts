// What somebody else keeps, in each state in which it can be found.
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parseRevocationList } from "../../identity/revocation_list.ts";
import { Source } from "../../identity/source.ts";
import { Hands } from "./hands.ts";

const LINES = ["token a\n", "token b\n", "token c\n"];

interface Rig {
  hands: Hands;
  source: Source;
  /** Writes it, and has it read once. */
  put: (text: string) => Promise<string>;
  path: string;
}

async function withList(text: string, test: (rig: Rig) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slipstream-source-" });
  const path = `${folder}/revoked.txt`;
  await Deno.writeTextFile(path, text);
  const hands = new Hands();
  const check = (text: string) => void parseRevocationList(text);
  const source = await Source.open({ ...hands.platform, name: "the list", where: path, check, isList: true });
  const put = async (text: string) => {
    await Deno.writeTextFile(path, text);
    await hands.tick();
    return source.text;
  };
  try {
    await test({ hands, source, put, path });
  } finally {
    source.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** A server whose answers a test scripts; the address, and what ends it. */
function served(answer: () => Response | Promise<Response>): { url: string; stop: () => Promise<void> } {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  return { url: `http://127.0.0.1:${server.addr.port}/`, stop: () => server.shutdown() };
}

describe("a list in a file", () => {
  it("that grows holds at once", () =>
    withList(LINES[0]!, async ({ put }) => assertEquals(await put(LINES.join("")), LINES.join(""))));

  it("that is being written, or is empty for a moment, lets nobody in", () =>
    withList(LINES.join(""), async ({ put }) => {
      const all = LINES.join("");
      assertEquals(
        [await put(""), await put(LINES[0]!), await put(LINES[0]! + LINES[1]), await put(all)],
        Array(4).fill(all),
      );
    }));

  it("that stays shorter holds", () =>
    withList(LINES.join(""), async ({ put }) => {
      assertEquals([await put(LINES[0]!), await put(LINES[0]!)], [LINES.join(""), LINES[0]]);
    }));

  it("that is gone, or is too long for any, leaves the one before, and that is said once", () =>
    withList(LINES[0]!, async ({ hands, source, put, path }) => {
      assertEquals(await put("token d\n".repeat(200_000)), LINES[0]);
      await hands.tick();
      await Deno.remove(path);
      await hands.tick();
      await hands.tick();
      assertEquals(source.text, LINES[0]);
      assertEquals(hands.logged.length, 2);
      assertMatch(hands.logged[0]!, /the one before holds: it has more than 1048576 bytes/);
      assertMatch(hands.logged[1]!, /the one before holds: No such file/);
    }));

  it("of which there is more than any memory is read no farther than it may be long", async () => {
    const hands = new Hands();
    const of = { name: "the list", where: "/dev/zero", check: () => {}, isList: true };
    const outcome = await Source.open({ ...hands.platform, ...of }).then(() => "read", (error: Error) => error.message);
    assertEquals(outcome, "Cannot read the list of /dev/zero: it has more than 1048576 bytes");
  });
});

describe("a text at an address", () => {
  const endless = () =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)) }, {
      highWaterMark: 0,
    });
  const cases: { what: string; answer: () => Response; why: RegExp }[] = [
    { what: "without an end", answer: () => new Response(endless()), why: /more than 1048576 bytes/ },
    { what: "that is elsewhere", answer: () => Response.redirect("http://127.0.0.1:9/"), why: /redirect/ },
    { what: "that is not there", answer: () => new Response("no", { status: 404 }), why: /it answers 404/ },
  ];
  it("that never comes is given up, and what is known holds meanwhile", async () => {
    const never = Promise.withResolvers<Response>();
    let answer: () => Response | Promise<Response> = () => new Response("first");
    const { url, stop } = served(() => answer());
    const hands = new Hands();
    const source = await Source.open({
      ...hands.platform,
      name: "the keys",
      where: url,
      check: () => {},
      isList: false,
    });
    answer = () => never.promise;
    hands.wait(2000);
    const refreshed = source.refresh();
    assertEquals(source.text, "first");
    assertEquals(await refreshed, false);
    assertMatch(hands.logged.join(), /the one before holds: .*timeout/);
    // Whoever asks again at once does not have it asked for again.
    answer = () => new Response("second");
    assertEquals(await source.refresh(), false);
    hands.wait(2000);
    assertEquals([await source.refresh(), source.text], [true, "second"]);
    never.resolve(new Response("too late"));
    source.close();
    await stop();
  });

  it("of which half comes is not read", async () => {
    using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = listener.addr as Deno.NetAddr;
    const of = { name: "the keys", where: `http://127.0.0.1:${port}/`, check: () => {}, isList: true };
    const outcome = Source.open({ ...new Hands().platform, ...of }).then(() => "read", ({ message }) => message);
    const tcp = await listener.accept();
    await tcp.read(new Uint8Array(4096));
    await tcp.write(new TextEncoder().encode('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"keys":['));
    tcp.close();
    assertMatch(await outcome, /^Cannot read the keys of http/);
  });

  for (const { what, answer, why } of cases) {
    it(`${what} is not read`, async () => {
      const { url, stop } = served(answer);
      const of = { name: "the keys", where: url, check: () => {}, isList: false };
      const outcome = await Source.open({ ...new Hands().platform, ...of }).then(
        () => "read",
        ({ message }) => message,
      );
      assertMatch(outcome, why);
      await stop();
    });
  }
});
