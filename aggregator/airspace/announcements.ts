// What the airspace says: pairs in conflict and crowds as alerts. No text is made before one is raised, changes or is due.
import type { Alerts } from "../alerts/alerts.ts";
import type { Output } from "../outputs.ts";
import { conflictFinding, type PartnerView } from "./conflict_alerts.ts";
import { crowdFinding, crowdKey } from "./crowd_alerts.ts";
import type { Crowd } from "./crowds.ts";
import type { OpenPair } from "./pairs.ts";
import { placeNow } from "./place_now.ts";
import type { Separation } from "./separation.ts";
import type { AirspaceSettings } from "./settings.ts";
import { ROW_WORDS, TrackFlag, Word } from "./track_rows.ts";
import type { Tracks } from "./tracks.ts";

/** When something happens, and what comes of it. */
export interface AirspaceStep {
  /** Unix µs, the aggregator's clock. */
  nowUs: number;
  /** The record that is the cause; null when time is. */
  trigger: { droneId: string; eventTimeUs: number } | null;
  outputs: Output[];
}

export interface AnnouncementsParts {
  alerts: Alerts;
  tracks: Tracks;
  separation: Separation;
}

export class Announcements {
  readonly #parts: AnnouncementsParts;
  readonly #settings: AirspaceSettings;

  constructor(parts: AnnouncementsParts, settings: AirspaceSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /** The pair will be named again. */
  isDue(pair: OpenPair, nowUs: number): boolean {
    return this.#parts.alerts.reminderDue(pair.key, nowUs);
  }

  /** The pair that was just assessed is an alert at its level. */
  hold(pair: OpenPair, { nowUs, outputs, trigger }: AirspaceStep): void {
    const { alerts, tracks, separation } = this.#parts;
    const drones = tracks.dronesOf([pair.a, pair.b]);
    const droneIds = drones.map((track) => tracks.idOf(track));
    // Traffic is not told of it: it is what the alert of the drone is about.
    const other = drones[0] === pair.a ? pair.b : pair.a;
    const detail = pair.withTraffic ? tracks.idOf(other) : "";
    const partners = [this.#partner(pair.a, nowUs), this.#partner(pair.b, nowUs)] as const;
    const finding = conflictFinding(pair, { partners, view: separation.view() });
    alerts.hold(pair.key, { kind: "conflict", droneIds, detail, ...finding, atUs: nowUs, trigger }, outputs);
  }

  /** The pair is in conflict no more. */
  end(pair: OpenPair, { nowUs, outputs, trigger }: AirspaceStep): void {
    this.#parts.alerts.resolve(pair.key, { atUs: nowUs, trigger }, outputs);
  }

  /** A crowd, and who is in it; nobody: it is over. It names the same drones for as long as it lasts. */
  holdCrowd(crowd: Crowd, members: readonly number[], { nowUs, outputs }: AirspaceStep): void {
    const { alerts, tracks } = this.#parts;
    const key = crowdKey(crowd.id);
    if (members.length === 0) return alerts.resolve(key, { atUs: nowUs, trigger: null }, outputs);
    const { crowdDronesNamed, crowdReviewUs, clearUs } = this.#settings;
    if (crowd.droneIds.length === 0) {
      crowd.droneIds = members.slice(0, crowdDronesNamed).map((track) => tracks.idOf(track));
    }
    const isCritical = nowUs - crowd.criticalUs <= crowdReviewUs + clearUs;
    const finding = crowdFinding(tracks.rows, { members, isCritical });
    const said = { kind: "crowd" as const, droneIds: crowd.droneIds, detail: "", ...finding };
    alerts.hold(key, { ...said, atUs: nowUs, trigger: null }, outputs);
  }

  #partner(track: number, nowUs: number): PartnerView {
    const { tracks, separation } = this.#parts;
    const silentS = (nowUs - tracks.rows[track * ROW_WORDS + Word.fixUs]!) / 1e6;
    return {
      place: { id: tracks.idOf(track), ...placeNow(tracks.rows, { track, nowUs }) },
      ghost: tracks.has(track, TrackFlag.ghost) ? { silentS, withinM: separation.grownM(track) } : null,
      hasVelocity: tracks.has(track, TrackFlag.velocity),
      hasAltitude: tracks.has(track, TrackFlag.altitude),
      hasAccuracy: tracks.has(track, TrackFlag.accuracy),
    };
  }
}
