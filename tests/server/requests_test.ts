// Requests that are none, or that somebody in front of us may have read otherwise: each answer tells a browser to be careful.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SAFE_HEADERS } from "../../platform/server/safe_headers.ts";
import { RawClient } from "../edge/raw_client.ts";
import { withServer } from "./rig.ts";

async function answerTo(url: string, text: string): Promise<string> {
  const client = await RawClient.connect(url);
  try {
    await client.write(text);
    return (await client.hear()).text;
  } finally {
    client.close();
  }
}

const lines = (...of: string[]) => [...of, "", ""].join("\r\n");

describe("what is no request", () => {
  const cases: { what: string; text: string; status: number }[] = [
    { what: "bytes", text: "\x00\x01\r\n\r\n", status: 400 },
    { what: "HTTP/1.1 without a host", text: lines("GET / HTTP/1.1", "a: b"), status: 400 },
    { what: "two hosts", text: lines("GET / HTTP/1.1", "host: a", "Host: b"), status: 400 },
    { what: "two hosts in HTTP/1.0", text: lines("GET / HTTP/1.0", "host: a", "host: a"), status: 400 },
    {
      what: "two lengths",
      text: lines("POST / HTTP/1.1", "host: a", "content-length: 1", "content-length: 2"),
      status: 400,
    },
    { what: "TRACE", text: lines("TRACE / HTTP/1.1", "host: a"), status: 400 },
    { what: "an address that is none", text: lines("OPTIONS * HTTP/1.1", "host: a"), status: 400 },
    { what: "headers without end", text: lines("GET / HTTP/1.1", "host: a", `a: ${"b".repeat(70_000)}`), status: 400 },
    { what: "an expectation", text: lines("GET / HTTP/1.1", "host: a", "expect: more"), status: 417 },
  ];
  for (const { what, text, status } of cases) {
    it(`is answered by ${status}, and not by the app: ${what}`, async () => {
      let asked = 0;
      const answer = () => new Response(`${asked++}`);
      await withServer({ answer }, async ({ url, logged }) => {
        const told = await answerTo(url, text);
        assertStringIncludes(told, `HTTP/1.1 ${status} `);
        for (const [name, value] of Object.entries(SAFE_HEADERS)) assertStringIncludes(told, `${name}: ${value}\r\n`);
        assertEquals([asked, logged.filter((line) => !line.startsWith("connections refused"))], [0, []]);
      });
    });
  }

  it("is told from HTTP/1.0, which knows no hosts", async () => {
    await withServer({}, async ({ url }) => {
      assertStringIncludes(await answerTo(url, lines("GET / HTTP/1.0")), "HTTP/1.1 200 ");
    });
  });
});

describe("a server that stops", () => {
  it("has told whom it refused, also since it looked last", async () => {
    await withServer({ every: () => () => {} }, async ({ url, logged, stop }) => {
      await answerTo(url, "no request\r\n\r\n");
      await stop();
      assertEquals(logged, ["connections refused: 1 (no request in time)"]);
    });
  });
});

describe("a peer's address", () => {
  it("is the same by whichever socket it came", async () => {
    const answer = (_: Request, { peer }: { peer?: { address: string } }) => new Response(peer?.address);
    await withServer({ answer, host: "::" }, async ({ url }) => {
      const { port } = new URL(url);
      assertEquals(await (await fetch(`http://127.0.0.1:${port}`)).text(), "127.0.0.1");
    });
  });
});
