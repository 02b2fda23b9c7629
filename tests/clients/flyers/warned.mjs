// Two drones in Node that fly at each other until both have been warned; prints of what.
import { AlertKind, AlertSeverity, openDrone, RecordFlag } from "slipstream-client";

const [edge, name] = process.argv.slice(2);
const warned = new Map();
const fly = (i) => {
  const droneId = `${name}-${i}`;
  return openDrone({ droneId, edges: [edge], onAlert: (alert) => warned.has(droneId) || warned.set(droneId, alert) });
};
const drones = [fly(1), fly(2)];
const flags = RecordFlag.ARMED | RecordFlag.IN_AIR;
for (let t = 0; warned.size < 2; t += 0.1) {
  for (const [i, side] of [-1, 1].entries()) {
    const latE7 = 480_000_000 + Math.round(side * (505 - 15 * t) * 89.932);
    const position = { latE7, lonE7: 80_000_000, altMslMm: 500_000, vnCms: -side * 1500, fixType: 3, hAccMm: 500 };
    drones[i].send({ position, flags });
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}
for (const { kind, severity, what } of warned.values()) {
  console.log(AlertKind[kind], AlertSeverity[severity], what.case);
}
await Promise.all(drones.map((drone) => drone.close()));
