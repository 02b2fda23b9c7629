// A server and its clients on certificates of ours, by TLS 1.3, each proving who it is.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { PkiRig } from "./pki_rig.ts";
import { hasCurl, hasGo, hasOpenssl, hasPython, tool } from "./tools.ts";

const ID = "a/b ü#1";
const SAID = "URI:slipstream://fleet/drone/a%2Fb%20%C3%BC%231";
const program = (name: string) => new URL(`clients/${name}`, import.meta.url).pathname;

/** Answers each client with the name on its certificate. */
async function serve(rig: PkiRig, use: (url: string) => Promise<void>): Promise<void> {
  const pem = await Deno.readTextFile(
    await rig.with((pki) => pki.issueToServer(["localhost", "127.0.0.1"], { hours: 1 })),
  );
  const rules = { requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" } as const;
  const server = createServer({ ...rules, cert: pem, key: pem, ca: rig.read("ca.pem") }, ({ socket }, response) => {
    const { subjectaltname } = (socket as TLSSocket).getPeerCertificate();
    response.setHeader("connection", "close").end(subjectaltname);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`https://localhost:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("a server that asks for certificates", () => {
  it("is answered by Deno", async () => {
    await using rig = await PkiRig.create();
    const pem = await Deno.readTextFile(await rig.drone(ID));
    await serve(rig, async (url) => {
      using client = Deno.createHttpClient({ caCerts: [rig.read("ca.pem")], cert: pem, key: pem });
      assertEquals(await (await fetch(url, { client })).text(), SAID);
    });
  });

  const clients: { name: string; hasClient: boolean; command: (root: string, file: string) => string[] }[] = [
    {
      name: "curl",
      hasClient: hasCurl,
      command: (root, file) => ["curl", "--silent", "--cacert", root, "--cert", file],
    },
    { name: "Python's ssl", hasClient: hasPython, command: (root, file) => ["python3", program("get.py"), root, file] },
    {
      name: "Go's crypto/tls",
      hasClient: hasGo,
      command: (root, file) => ["go", "run", program("get.go"), root, file],
    },
  ];
  for (const { name, hasClient, command } of clients) {
    it(`is answered by ${name}`, { ignore: !hasClient }, async () => {
      await using rig = await PkiRig.create();
      const [first, ...args] = command(rig.file("ca.pem"), await rig.drone(ID));
      await serve(rig, async (url) => {
        assertEquals(await tool(first!, [...args, url]), { code: 0, out: SAID, err: "" });
      });
    });
  }

  it("is answered by OpenSSL's s_client", { ignore: !hasOpenssl }, async () => {
    await using rig = await PkiRig.create();
    const file = await rig.drone(ID);
    await serve(rig, async (url) => {
      const { host } = new URL(url);
      const files = ["-CAfile", rig.file("ca.pem"), "-cert", file, "-key", file];
      const args = ["s_client", "-tls1_3", "-quiet", "-verify_return_error", ...files, "-connect", host];
      const { out } = await tool("openssl", args, { input: "GET / HTTP/1.0\r\n\r\n" });
      assertEquals(out.split("\r\n").at(-1), SAID);
    });
  });

  it("refuses the certificate of another root, a server's, and none", async () => {
    await using rig = await PkiRig.create();
    await using foreign = await PkiRig.create();
    const server = await rig.with((pki) => pki.issueToServer(["localhost"], { hours: 1 }));
    const pems = await Promise.all([await foreign.drone(ID), server].map((path) => Deno.readTextFile(path)));
    await serve(rig, async (url) => {
      for (const proof of [...pems.map((pem) => ({ cert: pem, key: pem })), {}]) {
        using client = Deno.createHttpClient({ caCerts: [rig.read("ca.pem")], ...proof });
        const outcome = await fetch(url, { client }).then(
          (response) => response.text(),
          (error) => error.constructor.name,
        );
        assertEquals(outcome, "TypeError");
      }
    });
  });
});
