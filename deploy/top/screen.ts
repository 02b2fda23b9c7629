// A board as lines of a terminal, from what matters most to what matters least: what has no room is left out at the end of its part.
import type { Board } from "./board.ts";
import { aligned, fitted, shown } from "./columns.ts";
import type { Alert, Fleet } from "./facts.ts";
import { edgeRows, perSecond, stageRows } from "./rows.ts";

/** How a line is to look. */
export type Style = "plain" | "title" | "wrong" | "faint";

export interface Line {
  text: string;
  style: Style;
}

export interface Size {
  columns: number;
  rows: number;
}

const EDGES_SHOWN = 10;
const STAGES_SHOWN = 6;

/** A terminal full: so many lines, each exactly so wide. @param nowMs Unix ms */
export function screenOf(board: Board, { columns, rows, nowMs }: Size & { nowMs: number }): Line[] {
  const [head, ...rest] = linesOf(board, { nowMs, rows });
  const lines = [{ ...head!, text: `${head!.text}  q ends` }, ...rest];
  return Array.from({ length: rows }, (_, i) => {
    const { text, style } = lines[i] ?? blank();
    return { text: fitted(text, columns), style };
  });
}

/** All of it, as wide as it is. */
export function linesOf(board: Board, { nowMs, rows = Infinity }: { nowMs: number; rows?: number }): Line[] {
  const { fleet } = board;
  const head = headOf(board, nowMs);
  if (!fleet) return head;
  const few = rows < 30;
  const edges = table("EDGES", { rows: edgeRows(board), most: few ? 5 : EDGES_SHOWN });
  const stages = table("SLOWEST STAGES", { rows: stageRows(fleet), most: few ? 3 : STAGES_SHOWN });
  const before = [...head, ...fleetLines(board, fleet), blank(), ...edges, blank(), ...stages, blank()];
  return [...before, ...alertLines([...board.alerts.values()], { nowMs, most: rows - before.length - 1 })];
}

function headOf({ url, trouble, fleet }: Board, nowMs: number): Line[] {
  const time = new Date(nowMs).toISOString().slice(11, 19);
  const version = fleet ? ` ${shown(fleet.version)}` : "";
  const head = title(`slipstream${version}  ${shown(url)}  ${time} UTC`);
  if (trouble === null) return [head];
  const since = fleet ? `, this is of ${new Date(fleet.timeUs / 1000).toISOString().slice(11, 19)} UTC` : "";
  return [head, { text: `NOT CONNECTED: ${shown(trouble)}${since}`, style: "wrong" }];
}

function fleetLines(board: Board, fleet: Fleet): Line[] {
  const { drones, dronesAirborne, dronesLinkLost, records, watermarkLagMs, airspace, journal, warnings, tooSlow } =
    fleet;
  const rate = perSecond(board, ({ records }) => records.accepted);
  const lines = [
    plain(
      `${drones} drones, ${dronesAirborne} in the air, ${dronesLinkLost} lost, ${airspace.ghosts} ghosts, ` +
        `${airspace.conflicts} conflicts`,
    ),
    plain(
      `${rate} records/s, ${records.duplicate} duplicate, ${records.late} late, ` +
        `watermark ${watermarkLagMs === null ? "–" : `${Math.round(watermarkLagMs)} ms`} behind`,
    ),
    plain(`journal ${shown(journal.state)}, ${journal.waiting} entries wait; ${warnings.waiting} warnings wait`),
  ];
  if (journal.state === "failing") lines[2]!.style = "wrong";
  if (tooSlow) {
    lines.push({ text: `TOO SLOW: ${shown(tooSlow.what)}, ${Math.round(tooSlow.lagMs)} ms late`, style: "wrong" });
  }
  return lines;
}

function table(name: string, { rows, most }: { rows: (readonly string[])[]; most: number }): Line[] {
  const [head = [], ...body] = rows;
  if (body.length === 0) return [title(name), { text: "  none", style: "faint" }];
  const [top = "", ...lines] = aligned([head, ...body.slice(0, most)]);
  const more = body.length > most ? [{ text: `  and ${body.length - most} more`, style: "faint" as const }] : [];
  return [
    title(`${name}  ${body.length}`),
    { text: `  ${top}`, style: "faint" },
    ...lines.map((line) => plain(`  ${line}`)),
    ...more,
  ];
}

function alertLines(alerts: readonly Alert[], { nowMs, most }: { nowMs: number; most: number }): Line[] {
  // The newest of the most severe first.
  const sorted = alerts.toSorted((a, b) =>
    Number(b.severity === "critical") - Number(a.severity === "critical") || b.raisedTimeUs - a.raisedTimeUs
  );
  const room = sorted.length > most ? Math.max(0, most - 1) : most;
  const texts = aligned(
    sorted.slice(0, room).map(({ severity, kind, detail, droneIds, raisedTimeUs, acknowledgedBy, message }) => [
      shown(severity),
      shown(detail === "" ? kind : `${kind} ${detail}`),
      ageOf(nowMs - raisedTimeUs / 1000),
      fitted(shown(droneIds.join(", ")), 24).trimEnd(),
      acknowledgedBy === null ? shown(message) : `(seen by ${shown(acknowledgedBy)}) ${shown(message)}`,
    ]),
  );
  const lines = texts.map((text, i): Line => ({
    text: `  ${text}`,
    style: sorted[i]!.severity === "critical" ? "wrong" : "plain",
  }));
  const more = sorted.length > room ? [{ text: `  and ${sorted.length - room} more`, style: "faint" as const }] : [];
  return [title(`OPEN ALERTS  ${alerts.length}`), ...lines, ...more];
}

function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 120
    ? `${seconds} s`
    : seconds < 7200
    ? `${Math.round(seconds / 60)} min`
    : `${Math.round(seconds / 3600)} h`;
}

const plain = (text: string): Line => ({ text, style: "plain" });
const title = (text: string): Line => ({ text, style: "title" });
const blank = (): Line => plain("");
