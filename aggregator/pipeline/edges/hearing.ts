// How well edges hear their drones. Silence says something about a drone only while its edge is there, keeps up, and hears
// others: while it does not, no drone behind it is lost, and one alert about the edge stands for all of them.
import { EdgePresence } from "../../../proto/gen/slipstream/v1/journal_pb.ts";
import type { Alerts } from "../../alerts/alerts.ts";
import { type DeafCause, edgeLost, severityOf, staleMessage, unheard } from "./edge_lost.ts";
import type { Drone } from "../drones/drone.ts";
import { EdgeRule } from "./edge_rule.ts";
import type { AlertEvent, Output } from "../../outputs.ts";
import { Behind, isMost, survey } from "./survey.ts";
import type { Watermark } from "../windows/watermark.ts";

export interface HearingSettings {
  /** Of a drone in the air: see Rules. */
  linkLossUs: number;
  /** An edge may keep for so long what it cannot deliver: after that nobody waits for a lost one. */
  allowedLatenessUs: number;
}

/** What is known of how one edge hears. */
export interface EdgeHearing {
  /** How late it is, or we are, as its presence tells; 0: not. */
  lateMs: number;
  /** Since when it is away; Infinity while it is there. */
  awayUs: number;
  /** It came back: until when its drones may take to do so. */
  rejoinedByUs: number;
  /** It has what it had to keep still to deliver. */
  isBehind: boolean;
  /** Most of its drones fell silent at the same time, and are. */
  together: boolean;
  /** Most of its drones are heard late: by so many µs on average; 0: they are not. */
  staleUs: number;
  staleTold: boolean;
  /** When silence behind it last said nothing; the reason. */
  deafUs: number;
  cause: DeafCause;
  /** The alert that is open, by its severity; null: none. */
  told: AlertEvent["severity"] | null;
  /** As many drones as it speaks of. */
  toldSilent: number;
}

/** What it means for the silence of its drones. */
export type Heard = Readonly<Pick<EdgeHearing, "deafUs" | "isBehind">>;

export interface SavedHearing {
  edges: [edgeId: string, EdgeHearing][];
  heldBack: ReturnType<EdgeRule["save"]>;
}

export interface HearingTick {
  drones: Iterable<Drone>;
  /** Which there are, and how far they have come. */
  edges: Pick<Watermark, "presences" | "heldBack" | "isPrompt">;
  nowUs: number;
  /** Silence from before this time says nothing of anybody, Unix µs. */
  sinceUs: number;
  outputs: Output[];
}

/** One edge at one tick. */
interface Moment {
  presence: EdgePresence;
  /** It brings what it hears at once. */
  isPrompt: boolean;
  behind: Behind;
  nowUs: number;
  outputs: Output[];
}

const NOBODY: Readonly<Behind> = new Behind();
const NEVER_HEARD = { deafUs: -Infinity, isBehind: false };
/** A lost edge that is back this soon is not told: together with the time until its loss is known, as soon as a lost drone is. */
const LOST_US_MIN = 2_000_000;
/** A drone may take so long to find an edge that is back: clients wait no longer than this from one attempt to the next. */
const REJOIN_US_MAX = 30_000_000;

export class Hearing {
  readonly #alerts: Alerts;
  readonly #settings: HearingSettings;
  readonly #behind: EdgeRule;
  readonly #edges = new Map<string, EdgeHearing>();

  constructor(alerts: Alerts, settings: HearingSettings) {
    this.#alerts = alerts;
    this.#behind = new EdgeRule(alerts);
    this.#settings = settings;
  }

  save(): SavedHearing {
    const edges = Array.from(this.#edges, ([edgeId, edge]): SavedHearing["edges"][number] => [edgeId, { ...edge }]);
    return { edges, heldBack: this.#behind.save() };
  }

  restore({ edges, heldBack }: SavedHearing): void {
    for (const [edgeId, edge] of edges) this.#edges.set(edgeId, edge);
    this.#behind.restore(heldBack);
  }

  /** How late an edge is, or we are: what was told last, in ms. */
  lateMs(edgeId: string): number {
    return this.#edges.get(edgeId)?.lateMs ?? 0;
  }

  /** The edge that hears its drones latest, and how late, in ms; null: none does. */
  get stalest(): { edgeId: string; lateMs: number } | null {
    let stalest: { edgeId: string; lateMs: number } | null = null;
    for (const [edgeId, { staleUs }] of this.#edges) {
      if (staleUs > 1000 * (stalest?.lateMs ?? 0)) stalest = { edgeId, lateMs: Math.round(staleUs / 1000) };
    }
    return stalest;
  }

  /** A machine began or ceased to be too slow. */
  lateChanged(edgeId: string, lateMs: number): void {
    if (lateMs > 0 || this.#edges.has(edgeId)) this.#edge(edgeId).lateMs = lateMs;
  }

  /** Silence of drones that this edge heard last says nothing from before `deafUs`, Unix µs; while it is behind, none of bulk. */
  of(edgeId: string): Heard {
    return this.#edges.get(edgeId) ?? NEVER_HEARD;
  }

  /** Silence behind this edge, and how late what it tells is, say nothing of a drone. */
  isDeaf(edgeId: string, nowUs: number): boolean {
    const edge = this.#edges.get(edgeId);
    return edge !== undefined && (edge.isBehind || nowUs - edge.deafUs <= this.#settings.linkLossUs);
  }

  /** Our clock was set. */
  clockStepped(stepUs: number): void {
    this.#behind.clockStepped(stepUs);
    for (const edge of this.#edges.values()) {
      edge.awayUs += stepUs;
      edge.rejoinedByUs += stepUs;
      edge.deafUs += stepUs;
    }
  }

  /** Time passed: to be called before any drone's silence is judged. */
  tick({ drones, edges, nowUs, sinceUs, outputs }: HearingTick): void {
    const { linkLossUs } = this.#settings;
    const presences = edges.presences();
    const byEdge = survey(drones, { nowUs, sinceUs, silentUs: linkLossUs });
    for (const [edgeId, presence] of presences) {
      const edge = this.#edge(edgeId);
      const isPrompt = edges.isPrompt(edgeId, nowUs);
      const moment = { presence, isPrompt, behind: byEdge.get(edgeId) ?? NOBODY, nowUs, outputs };
      follow(edge, { presence, nowUs });
      edge.isBehind = presence === EdgePresence.BEHIND;
      edge.staleUs = isMost(moment.behind.late, moment.behind.heard) ? moment.behind.lateUs / moment.behind.late : 0;
      edge.together = this.#areTogether(edge, moment);
      const cause = this.#causeOf(edge, moment);
      if (cause) [edge.deafUs, edge.cause] = [nowUs, cause];
      this.#tell(edgeId, edge, moment);
      this.#tellStale(edgeId, edge, moment);
    }
    const known = new Set(presences.map(([edgeId]) => edgeId));
    for (const edgeId of this.#edges.keys()) if (!known.has(edgeId)) this.#forget(edgeId, { nowUs, outputs });
    this.#behind.tick(edges.heldBack(nowUs), { nowUs, outputs });
  }

  // Asked when the first of them is about to be told lost; for as long as half as many are silent it goes on.
  #areTogether(edge: EdgeHearing, { behind, nowUs }: Moment): boolean {
    if (edge.together) return isMost(2 * behind.quiet, behind.flying);
    const isJudged = behind.silent > 0 && nowUs - edge.deafUs > this.#settings.linkLossUs;
    return isJudged && isMost(behind.quiet, behind.flying);
  }

  #causeOf(edge: EdgeHearing, { presence, isPrompt, behind, nowUs }: Moment): DeafCause | null {
    const isAwaited = nowUs - edge.awayUs <= this.#settings.allowedLatenessUs;
    if (presence === EdgePresence.LOST) return behind.flying > 0 || isAwaited ? "lost" : null;
    if (presence === EdgePresence.LEFT) return behind.flying > 0 ? "left" : null;
    // What it kept is on its way. Positions do not wait behind that: who is not heard while they come at once is silent.
    if (edge.isBehind && !(isPrompt && hearsNow(behind))) return "behind";
    if (nowUs < edge.rejoinedByUs && behind.quiet > 0) return "rejoining";
    if (edge.lateMs > 0) return "late";
    if (edge.staleUs > 0) return "stale";
    return edge.together ? "together" : null;
  }

  #tell(edgeId: string, edge: EdgeHearing, { behind, nowUs, outputs }: Moment): void {
    const key = `edge-lost/${edgeId}`;
    const { cause, lateMs, deafUs, awayUs } = edge;
    if (nowUs - deafUs > this.#settings.linkLossUs) {
      if (edge.told !== null) this.#alerts.resolve(key, { atUs: nowUs, trigger: null }, outputs);
      edge.told = null;
      return;
    }
    // It hears again, and is told until each drone that does not come has been.
    if (deafUs < nowUs) return;
    const isLost = cause === "lost" && nowUs - awayUs >= LOST_US_MIN;
    if (edge.told === null && !isLost && behind.silent === 0) return;
    const severity = severityOf(cause, behind);
    const silent = unheard(cause, behind);
    const isNews = edge.told !== severity || silent >= 2 * edge.toldSilent;
    if (!isNews && !this.#alerts.reminderDue(key, nowUs)) return;
    [edge.told, edge.toldSilent] = [severity, Math.max(1, silent)];
    this.#alerts.hold(key, { ...edgeLost(edgeId, { cause, lateMs, behind }), atUs: nowUs, trigger: null }, outputs);
  }

  #tellStale(edgeId: string, edge: EdgeHearing, { behind, nowUs, outputs }: Moment): void {
    const key = `stale/${edgeId}`;
    if (edge.staleUs > 0 && (!edge.staleTold || this.#alerts.reminderDue(key, nowUs))) {
      edge.staleTold = true;
      const message = staleMessage(edgeId, behind);
      const what = { kind: "degraded", severity: "warning", detail: key, message } as const;
      this.#alerts.hold(key, { ...what, droneIds: [], atUs: nowUs, trigger: null }, outputs);
    } else if (edge.staleTold && nowUs - edge.deafUs > this.#settings.linkLossUs) {
      edge.staleTold = false;
      this.#alerts.resolve(key, { atUs: nowUs, trigger: null }, outputs);
    }
  }

  #forget(edgeId: string, { nowUs, outputs }: Pick<Moment, "nowUs" | "outputs">): void {
    this.#edges.delete(edgeId);
    for (const what of ["edge-lost", "stale"]) {
      this.#alerts.resolve(`${what}/${edgeId}`, { atUs: nowUs, trigger: null }, outputs);
    }
  }

  #edge(edgeId: string): EdgeHearing {
    let edge = this.#edges.get(edgeId);
    if (!edge) {
      const never = { ...NEVER_HEARD, lateMs: 0, awayUs: Infinity, rejoinedByUs: -Infinity };
      edge = { ...never, together: false, staleUs: 0, staleTold: false, cause: "lost", told: null, toldSilent: 0 };
      this.#edges.set(edgeId, edge);
    }
    return edge;
  }
}

function hearsNow({ heard, late }: Readonly<Behind>): boolean {
  return heard > 0 && 2 * late < heard;
}

function follow(edge: EdgeHearing, { presence, nowUs }: { presence: EdgePresence; nowUs: number }): void {
  const isAway = presence === EdgePresence.LOST || presence === EdgePresence.LEFT;
  if (isAway) edge.awayUs = Math.min(edge.awayUs, nowUs);
  else if (edge.awayUs < Infinity) {
    edge.rejoinedByUs = nowUs + REJOIN_US_MAX;
    edge.awayUs = Infinity;
  }
}
