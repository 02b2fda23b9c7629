// Prints how many ms it takes from the wish for MAVLink to the first record, in a process in which nothing of it is compiled yet.
import { positionOf } from "./frames.ts";

const frame = positionOf(1000);
const beganMs = performance.now();
const { Mavlink } = await import("../../wasm/mavlink.ts");
const mavlink = await Mavlink.load();
const onFrame = () => console.log(performance.now() - beganMs);
mavlink.open({ vehiclesMax: 1, admit: () => ({ droneId: "d" }), onFrame })?.push(frame, 1);
