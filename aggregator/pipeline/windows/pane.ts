// What one drone contributed to one second: counts, sums, extremes and latest values, all independent of the order in
// which its records arrived. Windows of both kinds are sums of panes.
import { latLngToCell } from "h3-js";
import { PositionPresence } from "../../../proto/words.ts";
import type { PositionColumns } from "../../batch/columns.ts";
import type { Membership } from "../drones/drone.ts";

/** The first and last known charge of one battery, by event time; equal times by sequence number. */
export interface ChargePane {
  id: number;
  firstUs: number;
  firstSeq: number;
  firstCpct: number;
  lastUs: number;
  lastSeq: number;
  lastCpct: number;
}

/** Of a pane that knows no place. */
export const NO_PLACE = {
  latMinE7: Infinity,
  latMaxE7: -Infinity,
  lonMinE7: Infinity,
  lonMaxE7: -Infinity,
  lonFarMinE7: Infinity,
  lonFarMaxE7: -Infinity,
  altMinMm: Infinity,
  altMaxMm: -Infinity,
  altHomeMinMm: Infinity,
  altHomeMaxMm: -Infinity,
  latestUs: -Infinity,
  latestSeq: 0,
  latestLatE7: 0,
  latestLonE7: 0,
};

export class Pane {
  readonly membership: Membership;
  /** Which of its second's panes it is, in the order in which they began. */
  readonly index: number;
  positions = 0;
  batteries = 0;
  obstacles = 0;
  nearDuplicates = 0;
  // Over forwarded positions.
  forwarded = 0;
  speedSumCms = 0;
  downSumCms = 0;
  latMinE7 = Infinity;
  latMaxE7 = -Infinity;
  lonMinE7 = Infinity;
  lonMaxE7 = -Infinity;
  // Longitudes counted from the antimeridian: one of the two extents is right on either side of the world.
  lonFarMinE7 = Infinity;
  lonFarMaxE7 = -Infinity;
  altMinMm = Infinity;
  altMaxMm = -Infinity;
  altHomeMinMm = Infinity;
  altHomeMaxMm = -Infinity;
  /** Positions that lack an altitude above sea level, or above home. */
  altMissing = 0;
  altHomeMissing = 0;
  latestUs = -Infinity;
  latestSeq = 0;
  latestLatE7 = 0;
  latestLonE7 = 0;
  readonly charges: ChargePane[] = [];
  // The H3 cell of the latest position, kept while that stays: it is asked for by each scope that counts the pane.
  cell = "";
  cellLatE7 = NaN;
  cellLonE7 = NaN;

  constructor(membership: Membership, index: number) {
    this.membership = membership;
    this.index = index;
  }

  addPosition(p: PositionColumns, i: number, eventTimeUs: number): void {
    const lat = p.latE7[i]!;
    const lon = p.lonE7[i]!;
    const vn = p.vnCms[i]!;
    const ve = p.veCms[i]!;
    this.positions++;
    this.forwarded++;
    this.speedSumCms += Math.round(Math.sqrt(vn * vn + ve * ve));
    this.downSumCms += p.vdCms[i]!;
    if (lat < this.latMinE7) this.latMinE7 = lat;
    if (lat > this.latMaxE7) this.latMaxE7 = lat;
    if (lon < this.lonMinE7) this.lonMinE7 = lon;
    if (lon > this.lonMaxE7) this.lonMaxE7 = lon;
    const far = lon < 0 ? lon + 3_600_000_000 : lon;
    if (far < this.lonFarMinE7) this.lonFarMinE7 = far;
    if (far > this.lonFarMaxE7) this.lonFarMaxE7 = far;
    this.#addAltitude(p, i);
    const seq = p.seq[i]!;
    if (eventTimeUs > this.latestUs || (eventTimeUs === this.latestUs && seq > this.latestSeq)) {
      this.latestUs = eventTimeUs;
      this.latestSeq = seq;
      this.latestLatE7 = lat;
      this.latestLonE7 = lon;
    }
  }

  /** Where its drone was is nobody's business any more: its counts, speeds and charges stay. */
  forgetPlaces(): void {
    Object.assign(this, NO_PLACE);
    this.cell = "";
    this.cellLatE7 = this.cellLonE7 = NaN;
  }

  /** It was told where its drone was, and has not been made to forget it. */
  get hasPlace(): boolean {
    return this.forwarded > 0 && this.latMinE7 <= this.latMaxE7;
  }

  #addAltitude(p: PositionColumns, i: number): void {
    const presence = p.presence[i]!;
    if (presence & PositionPresence.altMsl) {
      const alt = p.altMslMm[i]!;
      if (alt < this.altMinMm) this.altMinMm = alt;
      if (alt > this.altMaxMm) this.altMaxMm = alt;
    } else this.altMissing++;
    if (presence & PositionPresence.altHome) {
      const alt = p.altHomeMm[i]!;
      if (alt < this.altHomeMinMm) this.altHomeMinMm = alt;
      if (alt > this.altHomeMaxMm) this.altHomeMaxMm = alt;
    } else this.altHomeMissing++;
  }

  /** H3 cell of the latest position. */
  latestCell(resolution: number): string {
    if (this.cellLatE7 !== this.latestLatE7 || this.cellLonE7 !== this.latestLonE7) {
      this.cell = latLngToCell(this.latestLatE7 / 1e7, this.latestLonE7 / 1e7, resolution);
      this.cellLatE7 = this.latestLatE7;
      this.cellLonE7 = this.latestLonE7;
    }
    return this.cell;
  }

  /** A reading of a known charge. */
  addCharge({ id, eventTimeUs, seq, cpct }: { id: number; eventTimeUs: number; seq: number; cpct: number }): void {
    const charge = this.charges.find((charge) => charge.id === id);
    if (!charge) {
      const first = { firstUs: eventTimeUs, firstSeq: seq, firstCpct: cpct };
      this.charges.push({ id, ...first, lastUs: eventTimeUs, lastSeq: seq, lastCpct: cpct });
      return;
    }
    if (eventTimeUs < charge.firstUs || (eventTimeUs === charge.firstUs && seq < charge.firstSeq)) {
      charge.firstUs = eventTimeUs;
      charge.firstSeq = seq;
      charge.firstCpct = cpct;
    }
    if (eventTimeUs > charge.lastUs || (eventTimeUs === charge.lastUs && seq > charge.lastSeq)) {
      charge.lastUs = eventTimeUs;
      charge.lastSeq = seq;
      charge.lastCpct = cpct;
    }
  }
}
