// One second of a fleet or zone: who reported, how charged they are, where they are dense.
import { cellArea } from "h3-js";
import QuickLRU from "quick-lru";
import type { TumblingWindow } from "../../outputs.ts";
import type { Pane } from "./pane.ts";

export const DENSITY_CELLS_MAX = 64;

/** Areas of H3 cells: slow to compute, and a fleet stays within cells that it has been in. */
export class CellAreas {
  readonly #km2 = new QuickLRU<string, number>({ maxSize: 65_536 });

  km2(cell: string): number {
    let area = this.#km2.get(cell);
    if (area === undefined) this.#km2.set(cell, area = cellArea(cell, "km2"));
    return area;
  }
}

/** What the contents of windows depend on. */
export interface ContentSettings {
  battery: { lowCpct: number };
  /** 9 gives cells of about 0.1 km². */
  h3Resolution: number;
}

/** What contents are computed with. */
export interface ContentParts {
  settings: ContentSettings;
  areas: CellAreas;
  onTumbling?: OnTumbling | undefined;
}

/** Hears from what a window of one second is computed, each time it is. */
export type OnTumbling = (window: TumblingWindow, panes: readonly Pane[]) => void;

/** What a window of one second reads of a pane. */
export interface CountedPane
  extends
    Pick<Pane, "positions" | "batteries" | "obstacles" | "nearDuplicates" | "charges" | "hasPlace" | "latestCell"> {
  membership: { drone: { droneId: string } };
  latestUs: number;
  latestSeq: number;
}

export type TumblingContent = Pick<TumblingWindow, "dronesReporting" | "records" | "battery" | "density">;

export function tumblingContent(panes: Iterable<CountedPane>, content: ContentParts): TumblingContent {
  const { lowCpct } = content.settings.battery;
  const records = { position: 0, battery: 0, obstacles: 0, nearDuplicate: 0 };
  const droneIds = new Set<string>();
  const charges = new Map<string, { us: number; seq: number; cpct: number }>();
  const latest = new Map<string, CountedPane>();
  for (const pane of panes) {
    const { droneId } = pane.membership.drone;
    droneIds.add(droneId);
    records.position += pane.positions;
    records.battery += pane.batteries;
    records.obstacles += pane.obstacles;
    records.nearDuplicate += pane.nearDuplicates;
    for (const { id, lastUs, lastSeq, lastCpct } of pane.charges) {
      const known = charges.get(`${id}/${droneId}`);
      if (known && (known.us > lastUs || (known.us === lastUs && known.seq > lastSeq))) continue;
      charges.set(`${id}/${droneId}`, { us: lastUs, seq: lastSeq, cpct: lastCpct });
    }
    const other = latest.get(droneId);
    if (pane.hasPlace && !(other && isLater(other, pane))) latest.set(droneId, pane);
  }
  return {
    dronesReporting: droneIds.size,
    records,
    battery: batteryContent([...charges.values()].map(({ cpct }) => cpct), lowCpct),
    density: density(latest.values(), content),
  };
}

/** Computes ahead what the density of a pane's window will need of it. */
export function prepareDensity(pane: Pane, { settings, areas }: ContentParts): void {
  if (pane.hasPlace) areas.km2(pane.latestCell(settings.h3Resolution));
}

function isLater(a: CountedPane, b: CountedPane): boolean {
  return a.latestUs > b.latestUs || (a.latestUs === b.latestUs && a.latestSeq > b.latestSeq);
}

function batteryContent(cpcts: number[], lowCpct: number): TumblingContent["battery"] {
  if (cpcts.length === 0) return { averageCpct: null, minCpct: null, lowCount: 0, known: 0 };
  let sum = 0;
  let min = Infinity;
  let lowCount = 0;
  for (const cpct of cpcts) {
    sum += cpct;
    if (cpct < min) min = cpct;
    if (cpct <= lowCpct) lowCount++;
  }
  return { averageCpct: sum / cpcts.length, minCpct: min, lowCount, known: cpcts.length };
}

function density(latest: Iterable<CountedPane>, { settings, areas }: ContentParts): TumblingContent["density"] {
  const { h3Resolution } = settings;
  const counts = new Map<string, number>();
  for (const pane of latest) {
    const cell = pane.latestCell(h3Resolution);
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return [...counts]
    .map(([cell, drones]) => ({ cell, drones, dronesPerKm2: drones / areas.km2(cell) }))
    .sort((a, b) => b.dronesPerKm2 - a.dronesPerKm2 || (a.cell < b.cell ? -1 : 1))
    .slice(0, DENSITY_CELLS_MAX);
}
