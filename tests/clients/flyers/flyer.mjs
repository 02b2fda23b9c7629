// A drone in Node by the installed package: says on stdout what it handed over and what was acknowledged; "land" on stdin ends it.
import { openDrone } from "slipstream-client";

const [edge, droneId, outbox] = process.argv.slice(2);
/** A line that is whole ends with a full stop. */
const say = (line) => console.log(`${line} .`);
let isLanding = false;
process.stdin.on("data", () => isLanding = true);
const drone = openDrone({
  droneId,
  edges: [edge],
  protocol: edge.endsWith("/mqtt") ? "mqtt" : "ws",
  ...outbox !== undefined && { outbox },
  onAcknowledged: (seqs) => say(`acknowledged ${seqs.join(" ")}`),
  onLost: (seqs, reason) => say(`lost ${reason} ${seqs.join(" ")}`),
  onProblem: ({ message }) => console.error(message),
});
say(`boot ${drone.bootId}`);
for (let i = 0; !isLanding; i++) {
  const seqs = drone.send({
    position: { latE7: 470_000_000 + i * 200, lonE7: 80_000_000, altMslMm: 500_000, fixType: 3, vnCms: 300 },
    battery: { voltageMv: 15_000, remainingCpct: 9000 },
  });
  say(`sent ${seqs.join(" ")}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
}
while (drone.unacknowledged > 0) await new Promise((resolve) => setTimeout(resolve, 20));
await drone.close();
say("landed");
process.exit(0);
