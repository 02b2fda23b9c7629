// Clients that are not ours, against a real edge that lets nobody in without proof.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, it } from "@std/testing/bdd";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import { Client, System } from "./system.ts";
import { hasNginx, Nginx } from "./nginx.ts";

const RUN_MS_MAX = 20_000;

/** What it printed, on both outputs, and how it ended; null: it is not here. */
async function run(command: string, args: string[], input = ""): Promise<{ code: number; text: string } | null> {
  try {
    const child = new Deno.Command(command, {
      ...{ args, stdin: "piped", stdout: "piped", stderr: "piped" },
      signal: AbortSignal.timeout(RUN_MS_MAX),
    }).spawn();
    const output = child.output();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    // It may have ended by itself.
    await writer.close().catch(() => {});
    const { code, stdout, stderr } = await output;
    return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const hasOpenssl = await run("openssl", ["version"]) !== null;
const hasCurl = await run("curl", ["--version"]) !== null;
const hasWebsockets = (await run("python3", ["-c", "import websockets"]))?.code === 0;

const PYTHON = `
import asyncio, ssl, sys, websockets
url, ca, own, frame = sys.argv[1:5]
async def main():
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if own != "": context.load_cert_chain(own)
    try:
        async with websockets.connect(url, subprotocols=["slipstream.v1"], ssl=context) as socket:
            hello = await asyncio.wait_for(socket.recv(), 5)
            await socket.send(bytes.fromhex(frame))
            ack = await asyncio.wait_for(socket.recv(), 5)
            print("hello", len(hello) > 0, "ack", ack.hex())
    except Exception as error:
        print(type(error).__name__, error)
asyncio.run(main())
`;

function frameOf(droneId: string): string {
  const eventTimeUs = BigInt(Date.now()) * 1000n;
  const record = { seq: 1, eventTimeUs, body: { case: "battery", value: { id: 0, voltageMv: 15_000 } } } as const;
  return toBinary(TelemetryFrameSchema, create(TelemetryFrameSchema, { droneId, bootId: 1, records: [record] }))
    .toHex();
}

describe("an edge that lets nobody in without proof", () => {
  it(
    "takes openssl's handshake by TLS 1.3 and a certificate, and none by TLS 1.2",
    { ignore: !hasOpenssl },
    async () => {
      await using system = await System.start();
      const own = await system.authority.certificate("drone", "a");
      const { hostname, port } = new URL(system.edgeUrl);
      const connect = ["s_client", "-connect", `${hostname}:${port}`, "-CAfile", system.authority.path("root")];
      const shown = ["-cert", own, "-key", own, "-verify_return_error"];
      const request = "GET /v1/telemetry HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      const good = await run("openssl", [...connect, ...shown, "-ign_eof", "-tls1_3"], request);
      assertStringIncludes(good!.text, "Verify return code: 0 (ok)");
      assertStringIncludes(good!.text, "HTTP/1.1 426");
      const old = await run("openssl", [...connect, ...shown, "-ign_eof", "-tls1_2"], request);
      assert(old!.code !== 0 && !old!.text.includes("HTTP/1.1"), old!.text);
    },
  );

  it("answers curl by a certificate as that drone, and without one as nobody", { ignore: !hasCurl }, async () => {
    await using system = await System.start();
    const own = await system.authority.certificate("drone", "a");
    const status = async (path: string, ...args: string[]) => {
      const all = ["--silent", "--cacert", system.authority.path("root"), "--write-out", " %{http_code}", ...args];
      return (await run("curl", [...all, `${system.edgeUrl}${path}`]))!.text.split(" ").at(-1);
    };
    const key = ["--cert", own, "--key", own];
    assertEquals(
      await Promise.all([
        status("/v1/status", ...key),
        status("/v1/status"),
        status("/healthz"),
        status("/v1/telemetry", ...key),
      ]),
      ["403", "401", "200", "426"],
    );
  });

  it("takes a record from Python's websockets by a certificate", { ignore: !hasWebsockets }, async () => {
    await using system = await System.start();
    const own = await system.authority.certificate("drone", "py");
    const url = `${system.edgeUrl.replace("http", "ws")}/v1/telemetry`;
    const [ca, script] = [system.authority.path("root"), ["-c", PYTHON, url]];
    assertStringIncludes((await run("python3", [...script, ca, own, frameOf("py")]))!.text, "hello True ack ");
    assertStringIncludes((await run("python3", [...script, ca, "", frameOf("py")]))!.text, "401");
    const other = await run("python3", [...script, ca, own, frameOf("somebody-else")]);
    assertStringIncludes(other!.text, "1008");
  });

  it("believes the nginx in front of it whose certificate it saw", { ignore: !hasNginx }, async () => {
    await using system = await System.start({
      edge: { SLIPSTREAM_TLS_CERT: "", SLIPSTREAM_PROXIES: "127.0.0.1" },
    });
    const { authority } = system;
    const server = await authority.server();
    await using nginx = await Nginx.start(`
      ssl_protocols TLSv1.3;
      ssl_certificate ${server};
      ssl_certificate_key ${server};
      ssl_client_certificate ${authority.path("root")};
      ssl_verify_client optional;
      location / {
        proxy_pass ${system.edgeUrl};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_set_header ssl-client-verify $ssl_client_verify;
        proxy_set_header ssl-client-cert $ssl_client_escaped_cert;
      }
    `);
    const url = `${nginx.url.replace("http", "ws")}v1/telemetry`;
    const drone = new Client(
      url,
      TELEMETRY_SUBPROTOCOL,
      await system.proof(await authority.certificate("drone", "n/1")),
    );
    assertEquals(await drone.outcome, "open");
    drone.publish("n/1");
    await drone.settled();
    drone.publish("n/2");
    assertEquals(await drone.closed, 1008);
    const nobody = new Client(url, TELEMETRY_SUBPROTOCOL, await system.proof(null));
    assertStringIncludes(await nobody.outcome, "401");
  });
});
