// What a connection is told without anything to tell it: that the edge lives and has taken what was sent. Also what was
// wrong with its frames, where that had to wait.
import type { Connection } from "./connection.ts";
import type { Counters } from "../counters.ts";
import { frameFaultWord, heartbeatWord, type Word } from "./downlink.ts";

const SILENT_MS = 2000;
const UINT32_MAX = 0xffff_ffff;

export interface HeartbeatParts {
  connections: Iterable<Connection>;
  counters: Pick<Counters, "answersDropped">;
  /** Unix µs. */
  serverTimeUs: bigint;
  /** How long the oldest record that the edge holds has waited for the aggregator. */
  waitingMs: number;
  /** The edge does not reach the aggregator. */
  cutOff: boolean;
  /** It takes no more: all are told. */
  stopping: boolean;
}

/** Once a second; `nowMs` is monotonic. */
export function sendHeartbeats({ connections, counters, waitingMs, ...told }: HeartbeatParts, nowMs: number) {
  const heartbeat = heartbeatWord({ ...told, waitingMs: Math.min(waitingMs, UINT32_MAX) });
  for (const connection of connections) {
    const fault = connection.faults.take(nowMs);
    if (fault) answer(connection, { word: frameFaultWord(fault), counters });
    const { owedSinceMs, writable } = connection;
    const isOwed = told.stopping || owedSinceMs !== null && nowMs - owedSinceMs >= SILENT_MS;
    if (isOwed && writable) connection.send(heartbeat);
  }
}

/** An answer goes to a connection that reads; to another one it is dropped, and counted. */
export function answer(
  connection: Connection,
  { word, counters }: { word: Word; counters: Pick<Counters, "answersDropped"> },
): void {
  if (connection.writable) connection.send(word);
  else counters.answersDropped++;
}
