// Begins and ends spans at times that are none, as a process of its own: Deno ends a process over some of them.
import { openTracer } from "../../platform/tracing.ts";

const tracer = await openTracer("test", {});
const times = [0, -1, 1.5, Number.MAX_SAFE_INTEGER, 2 ** 64, -(2 ** 64), NaN, Infinity, -Infinity];
for (const startUs of times) for (const endUs of times) tracer("any", { parent: null, startUs }).end({ endUs });
console.log(`${times.length} times`);
