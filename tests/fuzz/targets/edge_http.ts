// Requests to an edge.
import { StillEdge } from "../../edge/still_rig.ts";
import { answered, requestOf, requestSeeds } from "../request.ts";
import type { Session, Target } from "../target.ts";

const UPGRADE =
  "connection: upgrade\nupgrade: websocket\nsec-websocket-version: 13\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==";
const SEEDS = requestSeeds([
  ...["GET /v1/status", "GET /healthz", "GET /readyz", "HEAD /v1/status", "OPTIONS /v1/replay", "GET /v1/telemetry"],
  'POST /v1/replay\ncontent-type: application/json\n\n{"fromUs":1790000000000000,"toUs":1790000000000005}',
  "POST /v1/replay\ncontent-type: text/plain\n\n{}",
  `GET /v1/telemetry\n${UPGRADE}\nsec-websocket-protocol: slipstream.v1`,
  `GET /v1/telemetry\n${UPGRADE}\norigin: https://example.com\nhost: 127.0.0.1`,
]);

async function open(): Promise<Session> {
  const rig = await StillEdge.start();
  return {
    run: async (input) => {
      const request = requestOf(input);
      return request ? await answered(await rig.edge.app.fetch(request), request) : "no request";
    },
  };
}

export const EDGE_HTTP: Target = {
  ...{ name: "edge-http", format: "text", bytesMax: 20_000, words: ["POST", "GET", "host", "content-length", "5000"] },
  seeds: () => SEEDS,
  open,
};
