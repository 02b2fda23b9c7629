// What a window of one second was counted from, as messages that those of other regions can be added to.
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type ChargeSecondSchema,
  type DroneSecondSchema,
  WindowPartialSchema,
} from "../../../proto/gen/slipstream/v1/fleet_pb.ts";
import { ALL_ZONES, type TumblingWindow } from "../../outputs.ts";
import type { ChargePane, Pane } from "../../pipeline/windows/pane.ts";
import type { OnTumbling } from "../../pipeline/windows/tumbling.ts";
import type { WindowsBefore } from "../../pipeline/windows/windows.ts";
import { CELL_RESOLUTION } from "./fleet_records.ts";

/** Behind the prefix; one partition of it holds all, in order. */
export const PARTIALS_TOPIC = "metrics-partial";

/** Of one message: with the longest names and several batteries it is smaller than what every topic must take. */
const DRONES_MAX = 200;

interface Of {
  region: string;
  before: WindowsBefore;
}

interface PartialMessage {
  topic: typeof PARTIALS_TOPIC;
  key: string;
  path: string[];
  value: Uint8Array;
}

/** Those of one region, from entry to entry. */
export class RegionPartials {
  readonly #region: string;
  #before: WindowsBefore = { finalUs: 0, firedUs: 0 };
  #messages: PartialMessage[] = [];

  constructor(region: string) {
    this.#region = region;
  }

  /** @param before how far windows are before the next entry */
  begin(before: WindowsBefore): void {
    this.#before = before;
    this.#messages = [];
  }

  /** What a fleet has, its zones have. */
  readonly onTumbling: OnTumbling = (window, panes) => {
    const { fleet, zone, startUs } = window;
    if (zone === ALL_ZONES) return;
    const of = { region: this.#region, before: this.#before };
    for (const [part, value] of windowPartials(window, panes, of).entries()) {
      const key = JSON.stringify([fleet, zone, startUs, part]);
      this.#messages.push({ topic: PARTIALS_TOPIC, key, path: [this.#region, fleet, zone], value });
    }
  };

  /** @param before how far they are behind it @returns in order */
  end(before: WindowsBefore): PartialMessage[] {
    if (before.finalUs <= this.#before.finalUs && before.firedUs <= this.#before.firedUs) return this.#messages;
    const value = progressPartial({ region: this.#region, before });
    const path = [this.#region];
    return [...this.#messages, { topic: PARTIALS_TOPIC, key: JSON.stringify(path), path, value }];
  }
}

/** A window of a zone in as many messages as it needs, in order: a drone is in the same one in each revision. */
function windowPartials(window: TumblingWindow, panes: readonly Pane[], of: Of): Uint8Array[] {
  const { fleet, zone, startUs, revision, missingEdges } = window;
  const parts = Math.max(1, Math.ceil(panes.length / DRONES_MAX));
  return Array.from({ length: parts }, (_, part) => {
    const drones = panes.slice(part * DRONES_MAX, (part + 1) * DRONES_MAX).map((pane) => droneSecond(pane, startUs));
    const counted = { fleet, zone, startUs: BigInt(startUs), revision, missingEdges, drones };
    return partial({ ...counted, ...parts > 1 && { part, parts } }, of);
  });
}

/** That a region's windows have come so far. */
function progressPartial(of: Of): Uint8Array {
  return partial({}, of);
}

function partial(fields: MessageInitShape<typeof WindowPartialSchema>, { region, before }: Of): Uint8Array {
  const progress = { finalBeforeUs: BigInt(before.finalUs), firedBeforeUs: BigInt(before.firedUs) };
  return toBinary(WindowPartialSchema, create(WindowPartialSchema, { region, ...progress, ...fields }));
}

function droneSecond(pane: Pane, startUs: number): MessageInitShape<typeof DroneSecondSchema> {
  return {
    droneId: pane.membership.drone.droneId,
    ...counts({ nearDuplicates: pane.nearDuplicates, batteries: pane.batteries, obstacles: pane.obstacles }),
    ...counts({ positions: pane.forwarded }),
    ...pane.speedSumCms !== 0 && { speedSumCms: BigInt(pane.speedSumCms) },
    ...pane.downSumCms !== 0 && { downSumCms: BigInt(pane.downSumCms) },
    charges: pane.charges.map((charge) => chargeSecond(charge, startUs)),
    ...pane.hasPlace && place(pane, startUs),
  };
}

function place(pane: Pane, startUs: number): MessageInitShape<typeof DroneSecondSchema> {
  const { latMinE7, lonMinE7, lonFarMinE7, altMissing, altHomeMissing, forwarded } = pane;
  const isOnBothSides = lonMinE7 < 0 && pane.lonMaxE7 >= 0;
  return {
    latestUs: Math.round(pane.latestUs) - startUs,
    latestSeq: BigInt(pane.latestSeq),
    cell: BigInt(`0x${pane.latestCell(CELL_RESOLUTION)}`),
    ...{ latMinE7, lonMinE7 },
    ...counts({ latSpanE7: pane.latMaxE7 - latMinE7, lonSpanE7: pane.lonMaxE7 - lonMinE7 }),
    ...isOnBothSides && { lonFarMinE7, lonFarSpanE7: pane.lonFarMaxE7 - lonFarMinE7 },
    ...counts({ altMissing, altHomeMissing }),
    ...altMissing < forwarded &&
      { altMinMm: pane.altMinMm, ...counts({ altSpanMm: pane.altMaxMm - pane.altMinMm }) },
    ...altHomeMissing < forwarded &&
      { altHomeMinMm: pane.altHomeMinMm, ...counts({ altHomeSpanMm: pane.altHomeMaxMm - pane.altHomeMinMm }) },
  };
}

function chargeSecond(charge: ChargePane, startUs: number): MessageInitShape<typeof ChargeSecondSchema> {
  const { id: batteryId, firstUs, firstSeq, firstCpct, lastUs, lastSeq, lastCpct } = charge;
  const isOne = firstUs === lastUs && firstSeq === lastSeq && firstCpct === lastCpct;
  return {
    ...{ batteryId, lastUs: Math.round(lastUs) - startUs, lastSeq: BigInt(lastSeq), lastCpct },
    ...!isOne && { firstUs: Math.round(firstUs) - startUs, firstSeq: BigInt(firstSeq), firstCpct },
  };
}

/** Those that are not 0. */
function counts<Names extends string>(of: Record<Names, number>): Partial<Record<Names, number>> {
  return Object.fromEntries(Object.entries(of).filter(([, count]) => count !== 0)) as Partial<Record<Names, number>>;
}
