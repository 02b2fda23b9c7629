// Bugs of how people are let in, and of what a page of somebody else can do in their name.
import type { Mutant } from "./mutant.ts";

const SURFACE = ["identity/surface_test.ts"];

export const PEOPLE_MUTANTS: Mutant[] = [
  {
    name: "hsts-for-every-port-of-loopback",
    file: "identity/surface.ts",
    from: " && !isLoopbackHost(host)",
    to: "",
    tests: SURFACE,
  },
  {
    name: "no-safe-headers",
    file: "identity/surface.ts",
    from: "if (!headers.has(name)) headers",
    to: "if (headers.has(name)) headers",
    tests: SURFACE,
  },
  {
    name: "foreign-page-changes",
    file: "identity/hono.ts",
    from: 'page?.host === (c.req.header("host") ?? null)',
    to: "page !== null",
    tests: SURFACE,
  },
  {
    name: "form-changes",
    file: "identity/hono.ts",
    from: 'startsWith("application/json")',
    to: 'startsWith("")',
    tests: SURFACE,
  },
  {
    name: "changes-without-end",
    file: "identity/hono.ts",
    from: "left >= CHANGES.burst",
    to: "left >= 10 * CHANGES.burst",
    tests: SURFACE,
  },
  {
    name: "route-without-a-guard",
    file: "aggregator/api/api.ts",
    from: 'api.get("/v1/losses", view, ',
    to: 'api.get("/v1/losses", ',
    tests: SURFACE,
  },
  {
    name: "edge-status-without-a-guard",
    file: "edge/ingest/app.ts",
    from: 'app.get("/v1/status", mayOnly(gate, "view"), ',
    to: 'app.get("/v1/status", ',
    tests: SURFACE,
  },
  {
    name: "session-outlives-its-token",
    file: "aggregator/api/session.ts",
    from: "Math.min(leftS, MAX_AGE_S_MAX)",
    to: "MAX_AGE_S_MAX",
    tests: SURFACE,
  },
  {
    name: "session-that-scripts-read",
    file: "aggregator/api/session.ts",
    from: "httpOnly: true",
    to: "httpOnly: false",
    tests: SURFACE,
  },
  {
    name: "session-in-the-clear",
    file: "aggregator/api/session.ts",
    from: "c.env?.peer?.tls != null || ",
    to: "",
    tests: SURFACE,
  },
  {
    name: "error-quotes-a-token",
    file: "platform/openapi/asked.ts",
    from: 'if (!json) return unreadable("it is no JSON");',
    to: "if (!json) return unreadable(text);",
    tests: SURFACE,
  },
  {
    name: "events-outlive-their-proof",
    file: "aggregator/api/api.ts",
    from: "c.body(held(stream, (end) => gate.hold(c.var.identity, end)), 200, headers)",
    to: "c.body(stream, 200, headers)",
    tests: ["identity/people_test.ts"],
  },
];
