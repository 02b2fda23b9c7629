import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { hasNginx, Nginx } from "./nginx.ts";
import { PkiRig } from "./pki_rig.ts";

/** What it answers to the bearer of this certificate: the status, and by which name it knows him. */
async function ask(url: string, { root, file }: { root: string; file: string | null }): Promise<[number, string]> {
  const pem = file === null ? null : await Deno.readTextFile(file);
  using client = Deno.createHttpClient({ caCerts: [root], ...pem === null ? {} : { cert: pem, key: pem } });
  const response = await fetch(url, { client });
  const text = await response.text();
  return [response.status, response.ok ? text : /<center>(The SSL[^<]*|No required[^<]*)/.exec(text)?.[1] ?? text];
}

describe("nginx", { ignore: !hasNginx }, () => {
  it("lets in who has a certificate, and nobody once it is revoked, foreign, a server's or missing", async () => {
    await using rig = await PkiRig.create();
    await using foreign = await PkiRig.create();
    const [drone, other, stranger] = [await rig.drone("a/b"), await rig.drone("d-2"), await foreign.drone("a/b")];
    const server = await rig.with((pki) => pki.issueToServer(["localhost"], { hours: 1 }));
    await using nginx = await Nginx.start(`
      ssl_protocols TLSv1.3;
      ssl_certificate ${server};
      ssl_certificate_key ${server};
      ssl_client_certificate ${rig.file("ca.pem")};
      ssl_crl ${rig.file("ca.crl")};
      ssl_verify_client on;
      location / { return 200 "$ssl_client_verify $ssl_client_serial"; }
    `);
    const root = rig.read("ca.pem");
    const answers = () =>
      Promise.all([drone, other, stranger, server, null].map((file) => ask(nginx.url, { root, file })));
    const [first, second] = rig.issued().map(({ id }) => id);
    const refused = [
      [400, "The SSL certificate error"],
      [400, "The SSL certificate error"],
      [400, "No required SSL certificate was sent"],
    ];
    assertEquals(await answers(), [[200, `SUCCESS ${first}`], [200, `SUCCESS ${second}`], ...refused]);
    await rig.revokeDrone("a/b");
    await nginx.reload();
    assertEquals(await answers(), [[400, "The SSL certificate error"], [200, `SUCCESS ${second}`], ...refused]);
  });
});
