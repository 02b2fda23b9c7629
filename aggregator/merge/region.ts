// One region, as far as it is known: how far its windows are, and a window of which not all messages have come yet.
import { fromBinary } from "@bufbuild/protobuf";
import { type WindowPartial, WindowPartialSchema } from "../../proto/gen/slipstream/v1/fleet_pb.ts";
import { Contribution, type TopicMessage } from "./contribution.ts";

const SECOND_US = 1_000_000;

/** What came of a message: a contribution that is whole now, or why there is none. */
export type Heard =
  | { told: WindowPartial; contribution: Contribution; startS: number }
  | "progress"
  | "part"
  | "late"
  | "stranger"
  | "unreadable";

export class Region {
  readonly name: string;
  /** Windows that end up to here have fired; are final. */
  firedS = -Infinity;
  finalS = -Infinity;
  /** Of the message that comes next; null: none has come. */
  nextOffset: bigint | null = null;
  /** Of one revision of a window. */
  #parts: TopicMessage[] = [];
  #partsOf = "";

  constructor(name: string) {
    this.name = name;
  }

  hear(message: TopicMessage): Heard {
    this.nextOffset = message.offset + 1n;
    const told = read(message.value);
    if (!told) return "unreadable";
    if (told.region !== this.name) return "stranger";
    const heard = this.#add(told, message);
    // What was told with it was so before.
    this.firedS = Math.max(this.firedS, Number(told.firedBeforeUs) / SECOND_US);
    this.finalS = Math.max(this.finalS, Number(told.finalBeforeUs) / SECOND_US);
    return heard;
  }

  /** Where to go on after a restart, if nothing that came before this is needed. */
  get restOffset(): bigint | null {
    return this.#parts[0]?.offset ?? this.nextOffset;
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
    if (startS + 1 <= this.finalS) return "late";
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
