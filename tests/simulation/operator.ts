// Somebody who changes settings of the aggregator while it runs, whenever it does.
import { propose } from "../../aggregator/pipeline/proposal.ts";
import { TUNABLES } from "../../aggregator/pipeline/tunables.ts";
import type { System } from "./system.ts";

/** One system in two has an operator. */
const CHANCE = 0.5;
const EVERY_MS = 700;
/** With none of their values the last windows wait for longer than anybody looks. */
const NAMES = [
  ...["airspace.warning.radiusM", "airspace.clearUs", "airspace.ghostAfterUs", "battery.lowCpct", "linkLossUs"],
  ...["outOfOrdernessUs", "heldBackUsMax", "urgentReminderUs"],
];

/** @returns what ends it */
export function operate(system: System): () => void {
  const { world } = system;
  return world.random() < CHANCE ? world.every(EVERY_MS, () => changeSetting(system)) : () => {};
}

function changeSetting({ aggregator: { core }, world }: System): void {
  if (!core) return;
  const name = NAMES[world.between(0, NAMES.length - 1)]!;
  const { min, max } = TUNABLES.get(name)!;
  const wanted = new Map([[name, Math.round(min + world.random() * (max - min))]]);
  const proposed = propose(core.pipeline.operated.settings, wanted);
  // One that dies before it is safe is forgotten, with everybody who waits for it.
  if ("values" in proposed) core.sequencer.configure({ by: "Ada", values: proposed.values }).catch(() => undefined);
}
