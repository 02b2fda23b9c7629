// What adds up windows of several regions, put together in the order in which data flows: topics, merger, database and topic, API.
import { openGate } from "../../identity/open.ts";
import { Latency } from "../../platform/latency.ts";
import { Refusals } from "../../platform/server/refusals.ts";
import { serve } from "../../platform/server/serving.ts";
import type { Platform } from "../../platform/system.ts";
import { createMergeApi } from "./api.ts";
import type { MergerConfig } from "./config.ts";
import { GlobalTopic } from "./global_topic.ts";
import { Merger } from "./merger.ts";
import { mergeMetrics } from "./metrics.ts";
import { Outlet } from "./outlet.ts";
import { Readers } from "./readers.ts";
import { mergeReport } from "./report.ts";
import { Turns } from "./turns.ts";
import { openWindowStore } from "./window_store.ts";

/** Nobody opens a WebSocket here. */
const NO_SOCKETS = {
  ...{ messageBytesMax: 1, fragmentsMax: 1, chunksMax: 1, messagesPerSMax: 1, messageMs: 1, unreadBytesMax: 1 },
};

/** A running merger. */
export interface Merging {
  /** http://HOST:PORT, or https:// */
  url: string;
  /** By which somebody may sign in for an hour where no token keys are set; null: nobody needs to, or others sign tokens. */
  adminToken: string | null;
  stop: () => Promise<void>;
}

/**
 * Listens, then reads what regions have told since it was there before.
 * @throws {Deno.errors.AddrInUse} when the port is taken; nothing is left open then
 */
export async function startMerging(
  { config, platform }: { config: MergerConfig; platform: Platform },
): Promise<Merging> {
  const { log, clock, after, every, now } = platform;
  const pause = (ms: number) => new Promise<void>((resolve) => void after(ms, resolve));
  await using started = new AsyncDisposableStack();
  const store = openWindowStore(config, platform);
  started.defer(() => store.close());
  const gate = await openGate(config.identity, { platform, shared: config.sharedAddresses, signsOwn: true });
  started.defer(() => gate.close());

  const merger = new Merger(config.merger);
  let trouble: string | null = null;
  let readers: Readers | null = null;
  const outlet = new Outlet({
    ...{ connect: () => new GlobalTopic(config.kafka), pause, now },
    onTrouble: (why) => {
      if (why !== null && trouble === null) log("warn", `Cannot publish windows of all regions: ${why}`);
      if (why === null && trouble !== null) log("info", "windows of all regions can be published again");
      trouble = why;
    },
  });
  const { topics, merger: { bytesMax } } = config;
  const turns = new Turns({ merger, bytesMax, store, outlet, clock, pause });
  const report = () =>
    mergeReport({
      ...{ merger, topics, told: turns.told, store: store.view, trouble },
      reading: readers?.view ?? new Map(),
    });
  const notReady = () => {
    if (trouble !== null) return `windows cannot be published: ${trouble}`;
    return readers === null || readers.isCatchingUp ? "what regions have told is being read" : null;
  };
  const metrics = mergeMetrics({ report, nowUs: () => now() * 1000, lag: new Latency(), gate });
  const api = createMergeApi({ ...{ ...store, report, metrics, notReady, gate, log }, hosts: config.hosts });
  const limits = { sockets: NO_SOCKETS, tls: gate.tls, refusals: new Refusals(), hosted: false };
  const server = await serve(api, { ...config, ...platform, ...limits });

  let isClosed = false;
  const run = async () => {
    const place = await outlet.open();
    if (isClosed) return;
    if (place) merger.resume(place);
    const isHeldUp = () => turns.isHeldUp;
    const reading = readers = new Readers({ settings: config.kafka, topics, merger, place, isHeldUp, pause, now, log });
    await turns.run(() => reading.isCatchingUp);
  };
  const ended = run();
  const cancelUpkeep = store.keepUp(every);
  const parted = started.move();
  return {
    ...{ url: server.url, adminToken: gate.adminToken },
    async stop() {
      if (isClosed) return;
      isClosed = true;
      turns.stop();
      cancelUpkeep();
      await outlet.close();
      await ended;
      await readers?.close();
      await server.stop();
      await parted.disposeAsync();
    },
  };
}
