import { System } from "./system.ts";
import { runToEnd } from "./process.ts";
for (const protocol of Deno.args) {
  await using system = await System.start();
  const { code, stdout, stderr } = await runToEnd([
    "run",
    "-A",
    "--quiet",
    "--v8-flags=--max-semi-space-size=4,--heap-growing-percent=2000",
    "sim/main.ts",
    "--json",
    "--url",
    system.telemetryUrl,
    "--protocol",
    protocol,
    "--drones",
    "500",
    "--seconds",
    "60",
    "--coalesce",
  ]);
  const s = JSON.parse(stdout);
  const f = await system.fleet();
  console.log(
    protocol,
    code,
    JSON.stringify({
      sent: s.sent.records,
      ack: s.acknowledged,
      un: s.unacknowledged,
      lost: s.lost,
      thr: s.throttled,
      rec: s.reconnects,
      lag: s.lagMs,
      accepted: f.records.accepted,
      dup: f.records.duplicate,
    }),
    stderr.slice(0, 300),
  );
}
