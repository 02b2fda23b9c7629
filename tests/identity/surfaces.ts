// The HTTP surfaces of both processes with a real gate in front, and next to nothing behind it.
import type { Hono } from "hono";
import { type ApiParts, createApi } from "../../aggregator/api/api.ts";
import { type AppParts, createApp } from "../../edge/ingest/app.ts";
import type { Proven } from "../../identity/hono.ts";
import { type Entrance, openGate } from "../../identity/open.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Authority } from "./authority.ts";

export const HOST = "ops.example.com:8788";
export const TLS = { peer: { address: "10.0.0.9", tls: { protocol: "TLSv1.3", certificate: null } } };
export const HANDSHAKE = {
  ...{ upgrade: "websocket", connection: "upgrade", "sec-websocket-version": "13" },
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};
export const JSON_TYPE = { "content-type": "application/json" };

interface Rig {
  authority: Authority;
  apps: Record<"aggregator" | "edge", Hono<Proven>>;
  logged: string[];
  /** Who has acknowledged. */
  acknowledged: string[];
  replayed: () => number;
  token: (role: "viewer" | "operator" | "admin") => Promise<string>;
}

export async function withSurfaces(test: (rig: Rig) => Promise<void>): Promise<void> {
  await using authority = await Authority.create();
  const platform = { ...systemPlatform("test"), log: () => {} };
  const gate: Entrance = await openGate(authority.config({ ca: null }), { platform, shared: new Set() });
  const [logged, acknowledged, replays]: [string[], string[], unknown[]] = [[], [], []];
  const shared = {
    ...{
      gate,
      hosts: new Set(["ops.example.com"]),
      clock: () => 0,
      log: (_: string, text: string) => logged.push(text),
      pseudonym: (droneId: string) => `drone:${droneId.length}`,
    },
    notReady: () => {
      throw new Error("on purpose");
    },
  };
  const api = {
    ...{ ...shared, nowUs: () => Date.now() * 1000, fleet: () => ({}) },
    operations: { openAlerts: () => [] },
    sequencer: {
      acknowledgeAlert: ({ by }: { by: string }) => Promise.resolve(acknowledged.push(by) > 0 && "safe"),
      audit: () => Promise.resolve("safe"),
    },
  };
  const app = {
    ...{ ...shared, origins: new Set(), refusesConnections: () => null, status: () => ({}) },
    replay: (range: unknown) => ({ batches: replays.push(range) }),
  };
  const apps = {
    aggregator: createApi(api as unknown as ApiParts),
    edge: createApp(app as unknown as AppParts),
  };
  try {
    await test({
      ...{ authority, apps, logged, acknowledged, replayed: () => replays.length },
      token: (role) => authority.token("person", "ann", { role }),
    });
  } finally {
    gate.close();
  }
}

/** Below /v1, each once: METHOD and path. */
export const routesOf = (app: Hono<Proven>) => [
  ...new Set(
    app.routes.filter(({ method, path }) => method !== "ALL" && /^\/(v1\/|metrics$)/.test(path))
      .map(({ method, path }) => `${method} ${path}`),
  ),
];

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
