import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RawClient } from "../edge/raw_client.ts";
import { until } from "../e2e/system.ts";
import { withServer } from "./rig.ts";

const KIB_64 = new Uint8Array(65_536);

/** More than anybody takes who does not read: nobody who goes on for ever holds up the test. */
const PARTS_MAX = 2000;

/** A body without an end in sight that counts what was taken of it. */
function endless() {
  const counted = { parts: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (++counted.parts > PARTS_MAX) return controller.close();
      controller.enqueue(KIB_64);
    },
    cancel: () => void (counted.cancelled = true),
  }, { highWaterMark: 0 });
  return { body, counted };
}

describe("a server's answers", () => {
  it("say how long they are where that is known, and come in parts where it is not", async () => {
    const parts = () =>
      new ReadableStream({
        async start(controller) {
          for (const text of ["a", "b", "c"]) {
            controller.enqueue(new TextEncoder().encode(text));
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          controller.close();
        },
      });
    const answer = ({ url }: Request) => new Response(url.endsWith("/parts") ? parts() : "whole");
    await withServer({ answer }, async ({ url }) => {
      const whole = await fetch(`${url}/whole`);
      assertEquals([whole.headers.get("content-length"), await whole.text()], ["5", "whole"]);
      const inParts = await fetch(`${url}/parts`);
      assertEquals([inParts.headers.get("content-length"), await inParts.text()], [null, "abc"]);
    });
  });

  it("begin before there is anything to say, and go on as it is said", async () => {
    const said = Promise.withResolvers<string>();
    const body = new ReadableStream({
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode(await said.promise));
        controller.close();
      },
    });
    await withServer({ answer: () => new Response(body) }, async ({ url }) => {
      const response = await fetch(url);
      assertEquals(response.status, 200);
      said.resolve("at last");
      assertEquals(await response.text(), "at last");
    });
  });

  it("are made no faster than they are read, and no longer than somebody is there", async () => {
    const { body, counted } = endless();
    await withServer({ answer: () => new Response(body) }, async ({ url }) => {
      const client = await RawClient.connect(url);
      await client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      await client.hear();
      let before = -1;
      await until("nothing more is made", async () => {
        [before] = [counted.parts, before];
        await new Promise((resolve) => setTimeout(resolve, 100));
        return counted.parts === before;
      });
      // What the kernel keeps for both ends is some MiB.
      assertLess(counted.parts, 512);
      assertEquals(counted.cancelled, false);
      client.close();
      await until("it is given up", () => Promise.resolve(counted.cancelled));
    });
  });

  it("break off where they cannot be made, and nobody else's do", async () => {
    const broken = () =>
      new ReadableStream({
        async start(controller) {
          controller.enqueue(KIB_64);
          await new Promise((resolve) => setTimeout(resolve, 20));
          controller.error(new Error("Cannot go on"));
        },
      });
    const answer = ({ url }: Request) => new Response(url.endsWith("/broken") ? broken() : "here");
    await withServer({ answer }, async ({ url, logged }) => {
      const failed = await fetch(`${url}/broken`).then((response) => response.text()).then(() => false, () => true);
      assert(failed, "an answer that broke off looked whole");
      assertEquals(await (await fetch(url)).text(), "here");
      assertStringIncludes(logged.join(), "Cannot go on");
    });
  });

  it("set each cookie by itself", async () => {
    const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
    await withServer({ answer: () => new Response(null, { status: 204, headers }) }, async ({ url }) => {
      const response = await fetch(url);
      assertEquals([response.status, response.headers.getSetCookie()], [204, ["a=1", "b=2"]]);
      await response.body?.cancel();
    });
  });

  it("are finished when it stops, if that does not take long", async () => {
    const asked = Promise.withResolvers<void>();
    const said = Promise.withResolvers<string>();
    const answer = async () => {
      asked.resolve();
      return new Response(await said.promise);
    };
    await withServer({ answer }, async ({ url, stop }) => {
      const response = fetch(url);
      await asked.promise;
      const stopped = stop();
      said.resolve("just in time");
      assertEquals(await (await response).text(), "just in time");
      await stopped;
    });
  });

  it("tell the app where the peer is", async () => {
    const answer = (_: Request, { peer }: { peer?: unknown }) => Response.json(peer);
    await withServer({ answer }, async ({ url }) => {
      assertEquals(await (await fetch(url)).json(), { address: "127.0.0.1", tls: null });
    });
  });
});
