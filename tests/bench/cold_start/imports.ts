// What an edge's imports cost one by one, in a process of their own: each is imported behind those before it, so that what they
// share counts for the first. Prints [specifier, ms] as JSON.

const SPECIFIERS = [
  "node:net",
  "node:crypto",
  "node:zlib",
  "node:util",
  "@bufbuild/protobuf",
  "../../../proto/gen/slipstream/v1/uplink_pb.ts",
  "../../../proto/gen/slipstream/v1/downlink_pb.ts",
  "lru-cache",
  "hono",
  "hono/body-limit",
  "../../../identity/open.ts",
  "../../../wasm/hot_path.ts",
  "../../../edge/config.ts",
  "../../../edge/edge.ts",
  // What comes later, or not at all where a platform serves.
  "zod",
  "ws",
  "node:https",
  "jose",
  "../../../identity/x509.ts",
];

const costs: [specifier: string, ms: number][] = [];
for (const specifier of SPECIFIERS) {
  const beganMs = performance.now();
  await import(specifier);
  costs.push([specifier.replace("../../../", ""), performance.now() - beganMs]);
}
console.log(JSON.stringify(costs));
