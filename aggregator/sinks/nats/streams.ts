// The streams of JetStream that the journal is published to, one for each kind of message: made, or looked at whether they will do.
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { LastMessage } from "../publishing/broker.ts";
import type { Position, TopicKind } from "../publishing/messages.ts";

export const JOURNAL_HEADER = "journal";
export const POSITION_HEADER = "position";

/** Servers keep the names of messages for so long, in memory: nothing relies on it. */
const NAMES_KEPT_MS = 1000;

/** Of streams that are not there yet. */
export interface StreamSettings {
  /** Streams are called so, a dash, and what is in them; subjects begin with both, and a dot between. */
  prefix: string;
  replicas: number;
  keptMs: number;
}

export function streamName(prefix: string, kind: TopicKind): string {
  return `${prefix}-${kind}`;
}

/** @throws {Error} when the stream that is there takes not all that is to be in it */
export async function openStream(
  jsm: JetStreamManager,
  { kind, prefix, replicas, keptMs }: StreamSettings & { kind: TopicKind },
): Promise<LastMessage> {
  const [name, subjects] = [streamName(prefix, kind), `${prefix}.${kind}.>`];
  const { config, state } = await known(jsm, name) ??
    await jsm.streams.add({
      ...{ name, subjects: [subjects], num_replicas: replicas, max_age: keptMs * 1e6 },
      duplicate_window: NAMES_KEPT_MS * 1e6,
    });
  const why = whyNot(config);
  if (why) throw new Error(`Cannot use the stream ${name}: it ${why}`);
  if (!config.subjects?.includes(subjects)) {
    throw new Error(`Cannot use the stream ${name}: it is of ${config.subjects?.join(", ")}, not of ${subjects}`);
  }
  const end = BigInt(state.last_seq) + 1n;
  const last = state.messages > 0 ? await jsm.streams.getMessage(name, { seq: state.last_seq }) : null;
  return {
    end,
    journalId: last?.header.get(JOURNAL_HEADER) || null,
    position: positionOf(last?.header.get(POSITION_HEADER)),
  };
}

/** What is not to be with a stream that is there; null: it will do. */
function whyNot({ mirror, sealed, no_ack: isMute, retention }: Partial<StreamConfig>): string | null {
  if (mirror) return `is a mirror of ${mirror.name}, which takes nothing itself`;
  if (sealed) return "is sealed, and takes nothing more";
  if (isMute) return "confirms nothing (no_ack)";
  // Of what is gone once somebody has read it, or nobody wants to, nothing says how far it had come.
  return retention === "limits" ? null : `lets go what is read, or what nobody waits for (retention ${retention})`;
}

async function known(jsm: JetStreamManager, name: string): Promise<StreamInfo | null> {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return null;
    throw error;
  }
}

function positionOf(text = ""): Position | null {
  const [, index, ordinal] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  return index && ordinal ? { index: Number(index), ordinal: Number(ordinal) } : null;
}
