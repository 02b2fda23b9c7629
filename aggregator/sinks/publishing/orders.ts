// What is said between the process and a thread that publishes.
import type { Forgotten } from "./forgotten.ts";
import type { Place } from "./going_on.ts";
import type { TopicKind } from "./messages.ts";
import type { Counts } from "./publisher.ts";

/** What the thread is to do; `settings`: how to reach the destination. */
export interface PublishingOrder<Settings = unknown> {
  /** The destination's. */
  name: string;
  /** The journal's. */
  folder: string;
  settings: Settings;
  place: Place;
  /** Whether one can ask it what it holds. */
  remembers: boolean;
  /** What is published there. */
  topics: readonly TopicKind[];
  region: string | null;
  /** Everything up to this entry is published already. */
  publishedIndex: number;
  /** Drones that were erased behind it. */
  forgotten: readonly Forgotten[];
}

/** What it is told then, and what it tells. */
export type PublishingTelling =
  | { what: "durable"; index: number }
  | { what: "forget"; drone: Forgotten }
  | { what: "close" };
export type PublishingTold =
  | { of: "published"; index: number; atUs: number }
  /** When the first entry came that is not published yet. */
  | { of: "begun"; atUs: number }
  /** The disk has it that everything up to this entry is published; or it takes it not. */
  | { of: "kept"; index: number }
  | { of: "not-kept"; why: string }
  | { of: "sent"; sent: Counts }
  | { of: "lost" | "unseen"; name: string; messages: number }
  | { of: "size"; journalBytes: number }
  | { of: "trouble"; why: string | null }
  /** It holds nothing of what was published. */
  | { of: "emptied" }
  /** There is another writer: it sends nothing more. */
  | { of: "fenced"; why: string }
  | { of: "missing"; firstIndex: number; lastIndex: number }
  | { of: "too-large"; topic: TopicKind; key: string; bytes: number }
  | { of: "closed" };
