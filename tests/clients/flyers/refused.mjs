// Prints what a drone in Node is told first of why it is not connected, and how often its token had been asked for a second later.
import { EdgeRefusal, openDrone } from "slipstream-client";

let asked = 0;
let first;
const drone = openDrone({
  droneId: "refused",
  edges: [process.argv[2]],
  token: () => `token-${++asked}`,
  onProblem: (problem) => first ??= problem,
});
while (first === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
await new Promise((resolve) => setTimeout(resolve, 1000));
await drone.close();
if (first instanceof EdgeRefusal) console.log(first.code, first.field, asked, first.message);
