// What one region counted in one second of one zone, by its latest revision. It is kept as it came: panes are made of it when a window
// needs them, and forgotten when none has for a while.
import { fromBinary } from "@bufbuild/protobuf";
import { type WindowPartial, WindowPartialSchema } from "../../proto/gen/slipstream/v1/fleet_pb.ts";
import { type MergedPane, mergedPane } from "./merged_pane.ts";

/** One message of a region's topic. */
export interface TopicMessage {
  offset: bigint;
  value: Uint8Array;
}

/** Of a contribution, and of each of its messages, beside what came. */
const OWN_BYTES = 1024;
const MESSAGE_BYTES = 512;

export class Contribution {
  readonly revision: number;
  readonly missingEdges: readonly string[];
  /** Of the first of its messages. */
  readonly offset: bigint;
  readonly bytes: number;
  readonly #startUs: number;
  readonly #messages: readonly TopicMessage[];
  #panes: MergedPane[] | null = null;

  /** @param messages all parts of `told`, in order */
  constructor({ revision, missingEdges, startUs }: WindowPartial, messages: readonly TopicMessage[]) {
    this.revision = revision;
    this.missingEdges = missingEdges;
    this.offset = messages[0]!.offset;
    this.bytes = messages.reduce((sum, { value }) => sum + value.length + MESSAGE_BYTES, OWN_BYTES);
    this.#startUs = Number(startUs);
    this.#messages = messages;
  }

  get panes(): readonly MergedPane[] {
    return this.#panes ??= this.#messages
      .flatMap(({ value }) => fromBinary(WindowPartialSchema, value).drones)
      .map((drone) => mergedPane(drone, this.#startUs));
  }

  forgetPanes(): void {
    this.#panes = null;
  }
}
