// One region, as far as it is known: how far its windows are, and a window of which not all messages have come yet.
import { fromBinary } from "@bufbuild/protobuf";
import { type WindowPartial, WindowPartialSchema } from "../../proto/gen/slipstream/v1/fleet_pb.ts";
import { Contribution, type TopicMessage } from "./contribution.ts";
import { AHEAD_S_MAX } from "./place.ts";

const SECOND_US = 1_000_000;
/** Of one window: of a few hundred drones each. */
const PARTS_MAX = 1000;

/** What came of a message: a contribution that is whole now, or why there is none. */
export type Heard =
  | { told: WindowPartial; contribution: Contribution; startS: number }
  | "progress"
  | "part"
  | "stranger"
  | "unreadable";

export class Region {
  readonly name: string;
  /** Windows that end up to here have fired; are final. */
  firedS = -Infinity;
  finalS = -Infinity;
  /** The furthest that it has been: its clock may have been set back. */
  reachedS = -Infinity;
  /** Of windows that begin before this it has not told all that it had to tell. */
  sinceS = -Infinity;
  /** Of the message that comes next; null: none has come, nor came before a restart. */
  nextOffset: bigint | null = null;
  /** Of one revision of a window. */
  #parts: TopicMessage[] = [];
  #partsOf = "";
  #lacks = false;

  constructor(name: string) {
    this.name = name;
  }

  /** Messages are missing before the one that comes next. */
  lack(): void {
    this.#parts = [];
    this.#lacks = true;
  }

  /** @param nowS what it tells of a time long after that is not believed */
  hear(message: TopicMessage, { nowS }: { nowS: number }): Heard {
    this.nextOffset = message.offset + 1n;
    const told = read(message.value);
    if (!told) return "unreadable";
    if (told.region !== this.name) return "stranger";
    if (!isBelievable(told, nowS)) return "unreadable";
    const heard = this.#add(told, message);
    // What was told with it was so before.
    this.#move(Number(told.firedBeforeUs) / SECOND_US, Number(told.finalBeforeUs) / SECOND_US);
    return heard;
  }

  /** Where to go on after a restart, if nothing that came before this is needed. */
  get restOffset(): bigint | null {
    return this.#parts[0]?.offset ?? this.nextOffset;
  }

  #move(firedS: number, finalS: number): void {
    // 0: it has told nothing yet, as before its first edge.
    const isSetBack = finalS > 0 && finalS < this.finalS;
    this.firedS = isSetBack ? firedS : Math.max(this.firedS, firedS);
    this.finalS = isSetBack ? finalS : Math.max(this.finalS, finalS);
    this.reachedS = Math.max(this.reachedS, firedS);
    // Of the second that fires next some of its zones may have been told before.
    if (this.#lacks) this.sinceS = Math.max(this.sinceS, this.firedS + 1, firedS + 1);
    this.#lacks = false;
  }

  #add(told: WindowPartial, message: TopicMessage): Heard {
    const { startUs, part, parts, fleet, zone, revision } = told;
    if (fleet === "" && startUs === 0n) return "progress";
    const startS = Number(startUs) / SECOND_US;
    if (!Number.isInteger(startS)) return "unreadable";
    const of = JSON.stringify([fleet, zone, startS, revision]);
    if (part !== this.#parts.length || of !== this.#partsOf) this.#parts = [];
    this.#partsOf = of;
    // The first of them came before what is read.
    if (part !== this.#parts.length) return "part";
    this.#parts.push(message);
    if (this.#parts.length < parts) return "part";
    const messages = this.#parts;
    this.#parts = [];
    return { told, startS, contribution: new Contribution(told, messages) };
  }
}

function read(value: Uint8Array): WindowPartial | null {
  try {
    return fromBinary(WindowPartialSchema, value);
  } catch {
    return null;
  }
}

function isBelievable({ firedBeforeUs, finalBeforeUs, startUs, parts }: WindowPartial, nowS: number): boolean {
  const untilUs = (nowS + AHEAD_S_MAX) * SECOND_US;
  return [firedBeforeUs, finalBeforeUs, startUs].every((us) => Number(us) <= untilUs) && parts <= PARTS_MAX;
}
