// A user's own TypeScript, strict: that it compiles says that the package's types are found, and are what they say.
import { type Alert, AlertSeverity, type Drone, EdgeRefusal, type Measurement, openDrone } from "slipstream-client";

const seen: Alert[] = [];
const drone: Drone = openDrone({
  droneId: "typed",
  edges: ["wss://edge.example/v1/telemetry"],
  token: () => Promise.resolve("a.b.c"),
  outbox: "outbox",
  tls: { ca: "PEM" },
  onAlert: (alert) => alert.severity === AlertSeverity.CRITICAL && alert.what.case === "conflict" && seen.push(alert),
  onProblem: (problem) => problem instanceof EdgeRefusal && problem.code.toFixed(),
});
const measurement: Measurement = { position: { latE7: 1, lonE7: 2 }, obstacles: { hits: [{ rangeCm: 3 }] } };
const seqs: number[] = drone.send(measurement);
await drone.acknowledged(seqs);
// @ts-expect-error: a field that there is not.
drone.send({ position: { latE7: 1, lonE7: 2, altitude: 3 } });
