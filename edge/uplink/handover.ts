// From a sealed batch to the aggregator's answer: what waits for it, where that is kept, and what becomes of the records.
import { Latency } from "../../platform/latency.ts";
import type { Platform } from "../../platform/system.ts";
import { VERSION } from "../../platform/version.ts";
import { UPLINK_PROTOCOL } from "../../proto/versions.ts";
import { UPLINK_SUBPROTOCOL } from "../../proto/words.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import type { EdgeConfig } from "../config.ts";
import type { Counters } from "../counters.ts";
import type { Drones } from "../drones/drones.ts";
import type { BulkWindow } from "../lanes/bulk_window.ts";
import type { OutboundBatch } from "../lanes/sealing.ts";
import type { Ledger } from "../overload/ledger.ts";
import type { LossLog } from "../overload/loss_log.ts";
import type { EdgeTraces } from "../tracing/edge_traces.ts";
import { Backlog } from "./backlog.ts";
import { Breaker, BREAKER_DEFAULTS } from "./breaker.ts";
import { Keeper } from "./keeper.ts";
import { Settlement } from "./settlement.ts";
import { Uplink } from "./uplink.ts";

/** A WebSocket that connects to `url`, offering one subprotocol. */
export type Connect = (url: string, subprotocol: string) => WebSocket;

export interface HandoverParts {
  config: Pick<
    EdgeConfig,
    "edgeName" | "edgeId" | "region" | "uplinkUrl" | "uplinkBytesMax" | "replayMs" | "replayInKv"
  >;
  kv: Deno.Kv | null;
  platform: Platform;
  connect: Connect;
  session: bigint;
  counters: Counters;
  hotPath: HotPath;
  drones: Drones;
  ledger: Ledger;
  losses: LossLog;
  bulkWindow: BulkWindow;
  /** Unix µs. */
  nowUs: () => bigint;
  /** Runs what may throw; false: it did. */
  attempt: (fn: () => void) => boolean;
  /** Without them nothing is traced. */
  traces?: Pick<EdgeTraces, "sealed" | "answered"> | null;
  /** There may be room where there was none. */
  onRoom: () => void;
}

/** What waits for the aggregator, and the way to it. */
export interface Handover {
  backlog: Backlog;
  breaker: Breaker;
  keeper: Keeper | null;
  uplink: Uplink;
  /** From sending a batch to its acknowledgement. */
  ackLatency: Record<"safety" | "bulk", Latency>;
  /** Takes a batch that was just sealed. */
  take: (batch: OutboundBatch) => void;
  /** Gives records back to their drones that cannot be sealed. */
  unsealable: (receipt: Uint32Array) => void;
  /** Whether a batch more fits; what is least worth keeping goes back to its drones for it. */
  makeRoom: () => boolean;
}

/** Resolves when what an earlier process left is back. */
export async function createHandover(parts: HandoverParts): Promise<Handover> {
  const { config, kv, platform, session, counters, hotPath, drones, ledger, losses, bulkWindow, nowUs, traces } = parts;
  const { slots, acknowledgements, openAlerts, warnings } = drones;
  const { edgeName, edgeId, region } = config;
  const backlog = new Backlog({ bytesMax: config.uplinkBytesMax, keepMs: config.replayMs });
  const breaker = new Breaker(BREAKER_DEFAULTS, platform.random);
  const onError = (error: unknown) => losses.note("batches that KV did not keep", 1, error);
  const keeper = kv && config.replayInKv ? new Keeper({ kv, edgeName, session, onError }) : null;
  for (const batch of await keeper?.restore() ?? []) backlog.restore(batch);
  const ackLatency = { safety: new Latency(), bulk: new Latency() };
  const settlement = new Settlement({ hotPath, slots, acknowledgements, losses, keeper });
  const uplink = new Uplink({
    hello: { edgeId, session, region, version: VERSION, protocol: UPLINK_PROTOCOL },
    backlog,
    breaker,
    connect: () => parts.connect(config.uplinkUrl, UPLINK_SUBPROTOCOL),
    clock: platform.clock,
    after: platform.after,
    defineSlots: (batch, all) => {
      batch.definedAt = slots.revision;
      return slots.define(batch.slots, all);
    },
    onSent: (bytes) => counters.batchSentBytes += bytes,
    onAnswer: (batch, ack) => traces?.answered(batch, ack),
    onAcknowledged: (batch, ackMs) => {
      if (ackMs !== null && !batch.acknowledged) {
        const isBulk = batch.lane === LaneIndex.bulk;
        ackLatency[isBulk ? "bulk" : "safety"].add(ackMs * 1000);
        if (isBulk) bulkWindow.acknowledged(ackMs, batch.sealed.records);
      }
      settlement.accepted(batch);
      parts.onRoom();
    },
    onRejected: (batch, reason) => settlement.rejected(batch, reason),
    onMessage: ({ body }) => {
      if (body.case === "openAlerts") openAlerts.apply(body.value);
      else if (body.case === "lossAck") ledger.acknowledged(body.value.reportId);
      else if (body.case === "alerts") warnings.deliver(body.value.alerts);
      else if (body.case === "clockProbe") {
        const { aggregatorTimeUs } = body.value;
        uplink.tell({ case: "clockProbe", value: { aggregatorTimeUs, edgeTimeUs: nowUs() } });
      }
    },
    onSessionForgotten: () => slots.forget(),
    attempt: parts.attempt,
    onState: (state, why) => {
      if (state === "connected") ledger.connectionLost();
      platform.log(state === "connected" ? "info" : "warn", `uplink ${state}${why && `: ${why}`}`);
    },
  });
  return {
    backlog,
    breaker,
    keeper,
    uplink,
    ackLatency,
    take: (batch) => {
      keeper?.keep(batch, slots.define(batch.slots, true));
      // What an earlier process kept is followed by nobody.
      traces?.sealed(batch);
      uplink.take(batch);
    },
    unsealable: (receipt) => settlement.unsealable(receipt),
    // What is measured now matters more than what the aggregator has judged, or does not want.
    makeRoom: () => {
      const { safety, bulk } = LaneIndex;
      while (!backlog.canTake) {
        const batch = backlog.giveBack(safety, "taken") ?? (uplink.isHeld(bulk) && backlog.giveBack(bulk, "waiting"));
        if (!batch) return false;
        settlement.givenBack(batch);
      }
      return true;
    },
  };
}
