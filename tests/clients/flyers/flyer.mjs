// A drone in Node by the installed package: says on stdout what it handed over and what was acknowledged; "land" on stdin ends it.
import { openDrone } from "slipstream-client";

const [edge, droneId, outbox] = process.argv.slice(2);
let isLanding = false;
process.stdin.on("data", () => isLanding = true);
const drone = openDrone({
  droneId,
  edges: [edge],
  ...outbox !== undefined && { outbox },
  onAcknowledged: (seqs) => console.log(`acknowledged ${seqs.join(" ")}`),
  onLost: (seqs, reason) => console.log(`lost ${reason} ${seqs.join(" ")}`),
  onProblem: ({ message }) => console.error(message),
});
console.log(`boot ${drone.bootId}`);
for (let i = 0; !isLanding; i++) {
  const seqs = drone.send({
    position: { latE7: 470_000_000 + i * 200, lonE7: 80_000_000, altMslMm: 500_000, fixType: 3, vnCms: 300 },
    battery: { voltageMv: 15_000, remainingCpct: 9000 },
  });
  console.log(`sent ${seqs.join(" ")}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
}
while (drone.unacknowledged > 0) await new Promise((resolve) => setTimeout(resolve, 20));
await drone.close();
console.log("landed");
process.exit(0);
