import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { until } from "../e2e/system.ts";
import { Authority, type Issued } from "./certificates.ts";
import { askBy, hasOpenssl, type TlsRig, withTls } from "./tls_rig.ts";
import { hasTool, runTool } from "./tools.ts";

const REQUEST = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/** What openssl says of a connection and of what it heard there. */
async function sClient({ url, authority }: TlsRig, shown: Issued, options: string[] = []): Promise<string> {
  const own = ["-CAfile", authority.caPath, "-cert", shown.certificatePath, "-key", shown.keyPath];
  const args = ["s_client", "-connect", new URL(url).host, "-servername", "localhost", "-ign_eof", ...own, ...options];
  const { stdout, stderr } = await runTool("openssl", args, { stdin: REQUEST, codes: null });
  return stdout + stderr;
}

describe("openssl s_client", { ignore: !hasOpenssl }, () => {
  it("proves who it is by a certificate, and hears the answer", () =>
    withTls({}, async (rig) => {
      const said = await sClient(rig, await rig.authority.issue("d-1"));
      assertMatch(said, /New, TLSv1\.3/);
      assertStringIncludes(said, "HTTP/1.1 200");
      assertEquals(rig.peers.length, 1);
    }));

  it("gets no further than the handshake by TLS 1.2", () =>
    withTls({}, async (rig) => {
      const said = await sClient(rig, await rig.authority.issue("d-1"), ["-tls1_2"]);
      assertStringIncludes(said, "alert protocol version");
      assertEquals([rig.peers.length, rig.refusals.view.handshake], [0, 1]);
    }));

  for (const certificateOptional of [false, true]) {
    const where = certificateOptional ? "where a certificate is optional" : "where a certificate is required";

    it(`resumes a session with the certificate it has shown before, ${where}`, () =>
      withTls({ certificateOptional }, async (rig) => {
        const [drone, session] = [await rig.authority.issue("d-1"), `${rig.authority.folder}/session`];
        await sClient(rig, drone, ["-sess_out", session]);
        assertMatch(await sClient(rig, drone, ["-sess_in", session]), /Reused, TLSv1\.3[^]*HTTP\/1\.1 200/);
        const [first, second] = rig.peers.map((peer) => peer!.tls!.certificate!.join());
        assertEquals(first, second);
      }));

    it(`resumes no session once its certificate has expired, ${where}`, async () => {
      let aheadMs = 0;
      await withTls({ certificateOptional, now: () => Date.now() + aheadMs }, async (rig) => {
        const [drone, session] = [await rig.authority.issue("d-1"), `${rig.authority.folder}/session`];
        await sClient(rig, drone, ["-sess_out", session]);
        aheadMs = 2 * 3_600_000;
        assertEquals((await sClient(rig, drone, ["-sess_in", session])).includes("HTTP/1.1"), false);
        assertEquals([rig.peers.length, rig.refusals.view.certificate], [1, 1]);
      });
    });

    it(`resumes no session of a CA that is trusted no more, ${where}`, () =>
      withTls({ certificateOptional }, async (rig) => {
        await using next = await Authority.create();
        const [drone, newcomer] = [await rig.authority.issue("d-1"), await next.issue("d-2")];
        const session = `${rig.authority.folder}/session`;
        await sClient(rig, drone, ["-sess_out", session]);
        await Deno.copyFile(next.caPath, rig.files.caPath);
        rig.second();
        await until("it trusts the new one", async () => (await askBy(rig, newcomer)).text.includes("here"));
        const before = rig.peers.length;
        assertEquals((await sClient(rig, drone, ["-sess_in", session])).includes("HTTP/1.1"), false);
        assertEquals(rig.peers.length, before);
      }));
  }
});

const hasCurl = hasTool("curl");

describe("curl", { ignore: !hasOpenssl || !hasCurl }, () => {
  const curl = ({ url, authority }: TlsRig, options: string[]) =>
    runTool("curl", [...["--silent", "--max-time", "10", "--cacert", authority.caPath], ...options, url], {
      codes: null,
    });

  it("is answered with --cert, and not without", () =>
    withTls({}, async (rig) => {
      const { certificatePath, keyPath } = await rig.authority.issue("d-1");
      const shown = await curl(rig, ["--cert", certificatePath, "--key", keyPath]);
      assertEquals([shown.code, shown.stdout], [0, "here"]);
      const none = await curl(rig, []);
      assertNotEquals(none.code, 0);
      assertEquals([none.stdout, rig.peers.length], ["", 1]);
    }));

  it("is refused by TLS 1.2", () =>
    withTls({}, async (rig) => {
      const { certificatePath, keyPath } = await rig.authority.issue("d-1");
      const { code } = await curl(rig, ["--tls-max", "1.2", "--cert", certificatePath, "--key", keyPath]);
      assertEquals([code, rig.peers.length], [35, 0]);
    }));
});

const hasGo = hasTool("go");
if (!hasGo) {
  console.log("ignored: the key exchange X25519MLKEM768 is tried with a client in Go, and there is no go here");
}

describe("a client that offers no key exchange but X25519MLKEM768", { ignore: !hasOpenssl || !hasGo }, () => {
  it("is served, by TLS 1.3 and that", () =>
    withTls({}, async (rig) => {
      const { certificatePath, keyPath } = await rig.authority.issue("d-1");
      const address = new URL(rig.url).host;
      const source = new URL("post_quantum/main.go", import.meta.url).pathname;
      const args = ["run", source, address, rig.authority.caPath, certificatePath, keyPath];
      const { stdout } = await runTool("go", args, { codes: [0] });
      assertEquals(stdout.trim(), "TLS 1.3 X25519MLKEM768 HTTP/1.1 200 OK");
    }));
});
