// The edges' side of the aggregator: their connections, what they may have in flight, whether they are there, and what
// somebody should know about them.
import { Latency } from "../../platform/latency.ts";
import type { Pseudonym } from "../../platform/pseudonyms.ts";
import type { Core } from "../core/core.ts";
import type { Warnings } from "../warnings/warnings.ts";
import { recordDenials } from "../core/denied.ts";
import { Credit } from "./credit.ts";
import { EdgeAlerts } from "./edge_alerts.ts";
import { Edges } from "./edges.ts";
import { Intake, type IntakeParts } from "./intake.ts";
import { Presence } from "./presence.ts";
import { Scaling } from "./scaling.ts";

export interface EdgeSideParts
  extends Pick<IntakeParts, "nowUs" | "clock" | "decompress" | "decode" | "gate" | "log" | "traces"> {
  edgesMax: number;
  /** Of the processor, all that this process has used, in ms; null, or absent: nobody can tell. */
  cpuMs?: () => number | null;
  /** By what name a drone is on record. */
  pseudonym: Pseudonym;
  core: Pick<Core, "pipeline" | "sequencer" | "operations">;
  warnings: Warnings;
}

export interface EdgeSide {
  intake: Intake;
  edges: Edges;
  presence: Presence;
  scaling: Scaling;
  /** How late that is, each time. */
  lag: Latency;
  /** Ten times a second; `lagMs`: how late that is. */
  check: (lagMs: number) => void;
}

export function createEdgeSide({ edgesMax, cpuMs, core, warnings, pseudonym, ...parts }: EdgeSideParts): EdgeSide {
  const { pipeline, sequencer, operations } = core;
  const { nowUs, clock, log } = parts;
  const edges = new Edges();
  const credit = new Credit();
  const lag = new Latency();
  const edgeAlerts = new EdgeAlerts(operations);
  const presence = new Presence({
    ...{ pipeline, sequencer, clock, log },
    connectionOf: (edgeId) => intake.connectionOf(edgeId),
    edgeIds: () => intake.edgeIds(),
  });
  const intake = new Intake({ connectionsMax: edgesMax }, {
    ...{ ...parts, sequencer, pipeline, warnings, edges, credit },
    onLeft: (edgeId) => {
      presence.left(edgeId);
      edgeAlerts.left(edgeId);
    },
    onDenials: (edgeId, denials) => recordDenials({ sequencer, pseudonym }, { where: edgeId, denials }),
    onTwins: (edgeId, refusal) => edgeAlerts.twins(edgeId, refusal),
    onApart: (edgeId, refusal) => edgeAlerts.apart(edgeId, refusal),
    onStatus: (edge) => edgeAlerts.judge(edge),
  });
  return {
    intake,
    edges,
    presence,
    scaling: new Scaling({ edges, edgesMax, sequencer, clock, log, ...cpuMs && { cpuMs } }),
    lag,
    check: (lagMs) => {
      lag.add(lagMs * 1000);
      const changed = credit.adjust({ waiting: sequencer.waiting, lagMs, isKeeping: sequencer.isKeeping });
      if (changed) intake.creditChanged(changed);
      edgeAlerts.check(edges.list(), nowUs());
    },
  };
}
