// What an edge's imports cost one by one, in a process of their own: each is imported behind those before it, so that what they
// share counts for the first. Prints [specifier, ms] as JSON.

const SPECIFIERS = [
  "@bufbuild/protobuf",
  "../../../proto/gen/slipstream/v1/uplink_pb.ts",
  "../../../proto/gen/slipstream/v1/downlink_pb.ts",
  "hono",
  "quick-lru",
  "../../../identity/open.ts",
  "../../../wasm/hot_path.ts",
  "../../../edge/config.ts",
  "../../../edge/edge.ts",
  // With the first token.
  "jose",
  // Behind the first frames.
  "ws",
  "node:crypto",
  "node:zlib",
  // Where they are needed, or not at all.
  "node:util",
  "node:https",
  "zod",
  "../../../identity/x509.ts",
];

const costs: [specifier: string, ms: number][] = [];
for (const specifier of SPECIFIERS) {
  const beganMs = performance.now();
  await import(specifier);
  costs.push([specifier.replace("../../../", ""), performance.now() - beganMs]);
}
console.log(JSON.stringify(costs));
