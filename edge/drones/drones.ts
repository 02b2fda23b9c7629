// What an edge knows of the drones that are connected to it, and how it answers them.
import type { Gate } from "../../identity/gate.ts";
import type { Platform } from "../../platform/system.ts";
import { Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import type { AlertReceipt } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import type { EdgeConfig } from "../config.ts";
import type { Counters } from "../counters.ts";
import type { Ledger } from "../overload/ledger.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { Connections } from "./connections.ts";
import { OpenAlerts } from "./open_alerts.ts";
import { Slots } from "./slots.ts";
import { Subscribers } from "./subscribers.ts";
import { Warnings, type WarningsParts } from "./warnings.ts";
import { Zones } from "./zones.ts";

/** Drones whose zone is remembered. */
const ZONES_MAX = 65_536;

export interface DronesParts {
  config: Pick<EdgeConfig, "fleet" | "zone" | "zoneTtlMs">;
  kv: Deno.Kv | null;
  hotPath: Pick<HotPath, "setAlertOpen">;
  counters: Counters;
  ledger: Ledger;
  platform: Platform;
  gate: Pick<Gate, "hold">;
  /** Unix µs. */
  nowUs: () => bigint;
  traces?: WarningsParts["traces"];
  attempt: WarningsParts["attempt"];
  /** Hands receipts to the aggregator; without a connection they are lost, and it asks again. */
  tell: (receipts: AlertReceipt[]) => void;
}

/** The drones here. */
export interface Drones {
  connections: Connections;
  slots: Slots;
  subscribers: Subscribers;
  zones: Zones;
  openAlerts: OpenAlerts;
  acknowledgements: Acknowledgements;
  warnings: Warnings;
}

/** Resolves when the zones that are known are loaded. */
export async function createDrones(
  { config, kv, hotPath, counters, ledger, platform, gate, nowUs, traces, attempt, tell }: DronesParts,
): Promise<Drones> {
  const { clock } = platform;
  const [slots, subscribers] = [new Slots(), new Subscribers()];
  const acknowledgements = new Acknowledgements({
    slots,
    counters,
    clock,
    onLost: ({ droneId, bootId }, { first, last, records, reason }) => {
      const lane = reason === RefusalReason.SHED ? Lane.BULK : Lane.UNSPECIFIED;
      ledger.add({ droneId, bootId, firstSeq: first, lastSeq: last, records, reason, lane }, platform.now() * 1000);
    },
  });
  const zones = new Zones(kv, {
    fallback: { fleet: config.fleet, zone: config.zone },
    entriesMax: ZONES_MAX,
    ttlMs: config.zoneTtlMs,
    now: clock,
    onChange: (droneId, zone) => slots.move(droneId, zone),
    onError: (error, failures) => platform.log("warn", `Cannot look up the zones of ${failures} drones: ${error}`),
  });
  await zones.preload();
  return {
    connections: new Connections({ gate, slots, clock }),
    slots,
    subscribers,
    zones,
    openAlerts: new OpenAlerts((droneId, open) => hotPath.setAlertOpen(droneId, open)),
    acknowledgements,
    warnings: new Warnings({ slots, subscribers, counters, nowUs, clock, traces, attempt, tell }),
  };
}
