import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { X509Certificate } from "node:crypto";
import type { ConnectionOptions } from "node:tls";
import { connectPromptly } from "../../platform/prompt_socket.ts";
import { until } from "../e2e/system.ts";
import { RawClient } from "../edge/raw_client.ts";
import { Authority, type Issued, pemOf } from "./certificates.ts";
import { askBy, hasOpenssl, replace, type TlsRig, withTls } from "./tls_rig.ts";

const HOUR_MS = 3_600_000;

interface Stranger {
  of: string;
  reason: "certificate" | "handshake";
  shows: (own: Authority, foreign: Authority) => Promise<Issued | null>;
  options?: ConnectionOptions;
}

const long = Date.now() - 48 * HOUR_MS;
const STRANGERS: Stranger[] = [
  { of: "a certificate of another CA", reason: "certificate", shows: (_, foreign) => foreign.issue("alien") },
  {
    of: "a certificate that has expired",
    reason: "certificate",
    shows: (own) => own.issue("old", { fromMs: long, toMs: long + HOUR_MS }),
  },
  {
    of: "a certificate that is not valid yet",
    reason: "certificate",
    shows: (own) => own.issue("young", { fromMs: Date.now() + HOUR_MS, toMs: Date.now() + 2 * HOUR_MS }),
  },
  {
    of: "a certificate that is for servers only",
    reason: "certificate",
    shows: (own) => own.issue("server-only", { usage: "serverAuth" }),
  },
  {
    of: "TLS 1.2, whatever it shows",
    reason: "handshake",
    shows: (own) => own.issue("dated"),
    options: { maxVersion: "TLSv1.2" },
  },
];

/** Revoked and foreign ones get nothing, and who is proven is served meanwhile. */
async function isServed(rig: TlsRig, shown: Issued): Promise<void> {
  assertStringIncludes((await askBy(rig, shown)).text, "here");
}

describe("a server that ends TLS", { ignore: !hasOpenssl }, () => {
  it("tells the app which certificate a client has proven, and by which protocol", () =>
    withTls({}, async (rig) => {
      const drone = await rig.authority.issue("d-1");
      await isServed(rig, drone);
      const { certificate, ...tls } = rig.peers[0]!.tls!;
      assertEquals([rig.peers[0]!.address, tls], ["127.0.0.1", { protocol: "TLSv1.3" }]);
      const { raw, subjectAltName } = new X509Certificate(await Deno.readTextFile(drone.certificatePath));
      assertEquals([...certificate!], [...raw]);
      assertEquals(subjectAltName, "URI:slipstream://fleet/drone/d-1");
      assertMatch(rig.url, /^https:\/\//);
    }));

  for (const certificateOptional of [false, true]) {
    const where = certificateOptional ? "where a certificate is optional" : "where a certificate is required";
    for (const { of, reason, shows, options } of STRANGERS) {
      it(`gives not a byte of an answer to ${of}, ${where}, and counts it`, () =>
        withTls({ certificateOptional }, async (rig) => {
          await using foreign = await Authority.create();
          const drone = await rig.authority.issue("d-1");
          assertEquals((await askBy(rig, await shows(rig.authority, foreign), options)).text, "");
          assertEquals([rig.peers.length, rig.refusals.view[reason]], [0, 1]);
          await isServed(rig, drone);
        }));
    }
  }

  it("refuses who shows no certificate, and counts him", () =>
    withTls({}, async (rig) => {
      assertEquals((await askBy(rig, null)).text, "");
      assertEquals([rig.peers.length, rig.refusals.view.certificate], [0, 1]);
    }));

  it("lets through who shows none where it is optional, as one who has proven nothing", () =>
    withTls({ certificateOptional: true }, async (rig) => {
      assertStringIncludes((await askBy(rig, null)).text, "here");
      assertEquals(rig.peers[0]!.tls, { protocol: "TLSv1.3", certificate: null });
    }));

  it("answers nothing to plain HTTP", () =>
    withTls({ certificateOptional: true }, async (rig) => {
      const client = await RawClient.connect(rig.url);
      await client.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
      assertEquals(new TextDecoder("latin1").decode(await client.end()).includes("HTTP"), false);
      client.close();
      assertEquals([rig.peers.length, rig.refusals.view.handshake], [0, 1]);
    }));
});

describe("a server's certificates", { ignore: !hasOpenssl }, () => {
  it("are taken from the files when they change, and no connection ends", () =>
    withTls({}, async (rig) => {
      const drone = await rig.authority.issue("d-1");
      const ca = await Deno.readTextFile(rig.authority.caPath);
      const url = `${rig.url.replace("https://127.0.0.1", "wss://localhost")}/socket`;
      const socket = connectPromptly(url, "echo", { tls: { ca, ...await pemOf(drone) } });
      await new Promise((resolve) => socket.onopen = resolve);
      assertEquals((await askBy(rig, drone)).served, "server");
      await replace(rig.files, await rig.authority.server("renewed"));
      rig.second();
      await until("it shows the new one", async () => (await askBy(rig, drone)).served === "renewed");
      const { validTo } = new X509Certificate(await Deno.readTextFile(rig.files.certificatePath));
      assertEquals([rig.validUntilMs.length, rig.validUntilMs.at(-1)], [2, Date.parse(validTo)]);
      const echoed = new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
      socket.send("still here");
      assertEquals(String((await echoed).data), "still here");
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    }));

  it("stay as they are while the files do not belong together, which is said once", () =>
    withTls({}, async (rig) => {
      const drone = await rig.authority.issue("d-1");
      const renewed = await rig.authority.server("renewed");
      await Deno.copyFile(renewed.keyPath, rig.files.keyPath);
      for (let i = 0; i < 3; i++) {
        rig.second();
        await isServed(rig, drone);
      }
      assertEquals(rig.logged.filter((line) => line.includes("the old ones stay")).length, 1, rig.logged.join("\n"));
      await Deno.copyFile(renewed.certificatePath, rig.files.certificatePath);
      rig.second();
      await until("it shows the new one", async () => (await askBy(rig, drone)).served === "renewed");
    }));

  it("of clients are those of the CA that its file names now", () =>
    withTls({}, async (rig) => {
      await using next = await Authority.create();
      const [drone, newcomer] = [await rig.authority.issue("d-1"), await next.issue("d-2")];
      assertEquals((await askBy(rig, newcomer)).text, "");
      await Deno.copyFile(next.caPath, rig.files.caPath);
      rig.second();
      await until("it trusts the new one", async () => (await askBy(rig, newcomer)).text.includes("here"));
      assertEquals((await askBy(rig, drone)).text, "");
    }));
});

describe("a client's WebSocket", { ignore: !hasOpenssl }, () => {
  const ended = (socket: WebSocket) =>
    new Promise<string>((resolve) => {
      socket.onopen = () => resolve("open");
      socket.onerror = (event) => resolve("message" in event ? String(event.message) : "error");
    });

  it("connects to whom its CA has signed, by the name that the certificate has, and to nobody else", () =>
    withTls({}, async (rig) => {
      await using foreign = await Authority.create();
      const own = await pemOf(await rig.authority.issue("e-1"));
      const to = async ({ caPath }: Authority) => {
        const url = `wss://localhost:${new URL(rig.url).port}/socket`;
        const socket = connectPromptly(url, "echo", { tls: { ca: Deno.readTextFileSync(caPath), ...own } });
        const closed = new Promise((resolve) => socket.onclose = resolve);
        const how = await ended(socket);
        socket.close();
        await closed;
        return how;
      };
      assertEquals(await to(rig.authority), "open");
      assertNotEquals(await to(foreign), "open");
      const elsewhere = { san: "DNS:elsewhere.example", usage: "serverAuth" };
      await replace(rig.files, await rig.authority.issue("elsewhere", elsewhere));
      rig.second();
      await until("another name is shown", async () => await to(rig.authority) !== "open");
    }));
});
