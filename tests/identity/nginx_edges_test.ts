import { assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import type { IdentityConfig } from "../../identity/settings.ts";
import { connectPromptly } from "../../platform/prompt_socket.ts";
import { type DroneDownlink, DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { CloseCode, TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import { read, snippetsOf } from "../docs/pages.ts";
import { batteryFrame, Inbox, type Rig, withEdge } from "../edge/rig.ts";
import { hasNginx, Nginx } from "./nginx.ts";
import { PkiRig } from "./pki_rig.ts";

const path = "docs/deploy.md";

/** What docs/deploy.md says for nginx, with these files and edges in place of its own. */
async function documented({ rig, server, edges }: { rig: PkiRig; server: string; edges: Rig[] }) {
  const { code } = snippetsOf({ path, text: await read(path) }).find(({ language }) => language === "nginx")!;
  const here = edges.reduce((text, { url }, i) => text.replace(`10.0.0.${i + 1}:8787`, new URL(url).host), code)
    .replaceAll("/etc/slipstream/server.pem", server)
    .replaceAll("/etc/slipstream/", `${rig.path}/`)
    .replace("listen 443 ssl;", "");
  const [, beside, inside] = /^(.*)\nserver \{\n(.*)\}\s*$/s.exec(here)!;
  return { beside: beside!, inside: inside! };
}

/** A drone that proves who it is to nginx. */
class Drone {
  readonly inbox = new Inbox<DroneDownlink>();
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;

  constructor(url: string, tls: { ca: string; cert: string; key: string }) {
    this.#socket = connectPromptly(`${url.replace("http", "ws")}v1/telemetry`, TELEMETRY_SUBPROTOCOL, { tls });
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onerror = () => {};
    this.#socket.onmessage = ({ data }) => this.inbox.push(fromBinary(DroneDownlinkSchema, new Uint8Array(data)));
    this.closed = new Promise((resolve) => this.#socket.onclose = ({ code }) => resolve(code));
  }

  /** The edge that it was led to. */
  async edge(): Promise<string> {
    return await this.inbox.until((all) =>
      all.flatMap(({ body }) => body.case === "hello" ? [body.value.edgeId] : [])[0]
    );
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(frame);
  }

  async acknowledged(): Promise<void> {
    await this.inbox.until((all) => all.some(({ body }) => body.case === "ack"));
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}

describe("edges behind nginx as docs/deploy.md has it", { ignore: !hasNginx }, () => {
  it("know the drones by their certificates, and a drone whose edge stops is led to the other", async () => {
    await using rig = await PkiRig.create();
    const identity: IdentityConfig = {
      ...{ tls: null, ca: rig.file("ca.pem"), revoked: null, tokens: null, people: null },
      ...{ fleets: new Set(), proxies: new Set(["127.0.0.1"]) },
    };
    const server = await rig.with((pki) => pki.issueToServer(["localhost"], { hours: 1 }));
    const pem = await Deno.readTextFile(await rig.drone("d1"));
    const tls = { ca: rig.read("ca.pem"), cert: pem, key: pem };
    await withEdge(
      { edgeId: "edge-1", identity },
      (first) =>
        withEdge({ edgeId: "edge-2", identity }, async (second) => {
          const edges = [first, second];
          const { beside, inside } = await documented({ rig, server, edges });
          await using nginx = await Nginx.start(inside, { beside });
          const drone = new Drone(nginx.url, tls);
          const edge = await drone.edge();
          drone.send(batteryFrame("d1", [1]));
          await drone.acknowledged();
          const stopped = edges[edge === "edge-1" ? 0 : 1]!.edge.stop(1000);
          assertEquals(await drone.closed, CloseCode.goingAway);
          await stopped;
          const again = new Drone(nginx.url, tls);
          assertNotEquals(await again.edge(), edge);
          again.send(batteryFrame("d1", [1, 2]));
          await again.acknowledged();
          again.send(batteryFrame("d2", [1]));
          assertEquals(await again.closed, CloseCode.policyViolation, "it speaks for another drone");
        }),
    );
  });
});
