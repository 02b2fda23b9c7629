// How far a running aggregator has published its journal.
import { assertEquals } from "@std/assert";
import type { PublishingView } from "../../aggregator/sinks/publishing/publishing_thread.ts";
import { eventually } from "../chaos/eventually.ts";
import type { ChaosSystem } from "../chaos/system.ts";

const LIMIT_MS = 60_000;

/** To the destination of that name. */
export async function publishingOf(system: ChaosSystem, name: string): Promise<PublishingView> {
  const { sinks: { publishing } } = await system.fleet();
  const view = publishing.find((view) => view.name === name);
  if (!view) throw new Error(`Cannot look at ${name}: the aggregator publishes to ${JSON.stringify(publishing)}`);
  return view;
}

/** Resolves once everything that was sent before is published. */
export async function published(system: ChaosSystem, name: string): Promise<void> {
  const { journal: { lastIndex, waiting } } = await system.fleet();
  const isDone = await eventually(async () => {
    const { trouble, publishedIndex } = await publishingOf(system, name);
    return trouble === null && publishedIndex >= lastIndex + waiting;
  }, LIMIT_MS);
  assertEquals(isDone, true, JSON.stringify(await publishingOf(system, name)));
}

/** Resolves with the trouble once there is some. */
export async function inTrouble(system: ChaosSystem, name: string): Promise<string> {
  let trouble: string | null = null;
  await eventually(async () => (trouble = (await publishingOf(system, name)).trouble) !== null, LIMIT_MS);
  return trouble ?? "none";
}
