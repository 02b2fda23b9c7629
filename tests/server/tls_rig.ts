// A server that ends TLS, the files that it reads, and clients that show it what they have.
import { connect, type ConnectionOptions } from "node:tls";
import type { Bindings } from "../../platform/server/server.ts";
import type { TlsSettings } from "../../platform/server/tls.ts";
import { Authority, type Issued, pemOf } from "./certificates.ts";
import { type ServerRig, withServer } from "./rig.ts";
import { hasTool } from "./tools.ts";

/** Certificates are made by openssl: where it is missing, there are none. */
export const hasOpenssl = hasTool("openssl");

export interface TlsRig extends ServerRig {
  authority: Authority;
  /** What the server reads: its certificate and key, and whom it trusts. */
  files: Pick<TlsSettings, "certificatePath" | "keyPath"> & { caPath: string };
  /** What the app was told of those who asked. */
  peers: Bindings["peer"][];
  /** Until when its certificate is valid, as it has told each time. */
  validUntilMs: number[];
  second: () => void;
}

/** Runs `test` against a server whose seconds it counts. */
export async function withTls(
  { now = Date.now, certificateOptional = false }: Partial<Pick<TlsSettings, "now" | "certificateOptional">>,
  test: (rig: TlsRig) => Promise<void>,
): Promise<void> {
  await using authority = await Authority.create();
  const files = { ...await copied(await authority.server(), authority), caPath: `${authority.folder}/clients.crt` };
  await Deno.copyFile(authority.caPath, files.caPath);
  const peers: Bindings["peer"][] = [];
  const validUntilMs: number[] = [];
  const clocks = new Set<() => void>();
  const answer = (_: Request, { peer }: Bindings) => {
    peers.push(peer);
    return new Response("here");
  };
  const every = (_: number, fn: () => void) => {
    clocks.add(fn);
    return () => void clocks.delete(fn);
  };
  const second = () => clocks.forEach((tick) => tick());
  await withServer(
    { answer, every, tls: { ...files, certificateOptional, now, onValidUntil: (ms) => validUntilMs.push(ms) } },
    (rig) => test({ ...rig, authority, files, peers, validUntilMs, second }),
  );
}

/** Files of a server's own, which a test can replace. */
async function copied(issued: Issued, { folder }: Authority): Promise<Issued> {
  const own = { certificatePath: `${folder}/own.crt`, keyPath: `${folder}/own.key` };
  await replace(own, issued);
  return own;
}

export async function replace(own: Issued, by: Issued): Promise<void> {
  await Deno.copyFile(by.keyPath, own.keyPath);
  await Deno.copyFile(by.certificatePath, own.certificatePath);
}

/** What a client that asks GET / or another path gets: every byte of it, "" when there is none. `served`: the CN of the server. */
export async function askBy(
  { url, authority }: Pick<TlsRig, "url" | "authority">,
  shown: Issued | null,
  { path = "/", ...options }: ConnectionOptions & { path?: string } = {},
): Promise<{ text: string; served: string }> {
  const own = shown ? await pemOf(shown) : {};
  const ca = await Deno.readTextFile(authority.caPath);
  return await new Promise((resolve) => {
    const said = { text: "", served: "" };
    const socket = connect({ host: "localhost", port: Number(new URL(url).port), ca, ...own, ...options });
    socket.on("secureConnect", () => {
      said.served = String(socket.getPeerCertificate().subject?.CN ?? "");
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    });
    socket.on("data", (data) => said.text += data.toString());
    socket.on("error", () => {});
    socket.on("close", () => resolve(said));
  });
}
