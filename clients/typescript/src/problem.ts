// What goes wrong, said so that whoever reads it knows which field to change.
import { CloseCode } from "../../../proto/words.ts";

/** Something that was handed in cannot be used: nothing was taken. */
export class FieldError extends TypeError {
  /** Such as "position.latE7". */
  readonly field: string;

  constructor(field: string, why: string, { value }: { value?: unknown } = {}) {
    super(`Cannot use ${field}${value === undefined ? "" : ` (${value})`}: ${why}`);
    this.name = "FieldError";
    this.field = field;
  }
}

/** An edge that does not take the connection, or ended it. The client goes on trying. */
export class EdgeRefusal extends Error {
  /** Its URL. */
  readonly edge: string;
  /** An HTTP status, or a close code of the WebSocket; 1006: not reached, or the connection broke. */
  readonly code: number;
  /** The setting that it is about. */
  readonly field: string;

  constructor(edge: string, { code, said }: { code: number; said: string }) {
    const { field, means } = MEANINGS.get(code) ?? { field: "edges", means: "the edge does not take the connection" };
    super(`Cannot be connected to ${edge} (${code}, see ${field}): ${means}${said === "" ? "" : `: ${said}`}`);
    this.name = "EdgeRefusal";
    this.edge = edge;
    this.code = code;
    this.field = field;
  }
}

/** Records that will never be acknowledged. */
export class LossError extends Error {
  /** Of them the first. */
  readonly seq: number;

  constructor(seq: number, reason: string) {
    super(`Cannot have record ${seq} acknowledged: ${reason}`);
    this.name = "LossError";
    this.seq = seq;
  }
}

const MEANINGS = new Map([
  [400, { field: "edges", means: "that is no telemetry socket of an edge" }],
  [401, { field: "token", means: "the edge does not believe who this is" }],
  [403, { field: "token", means: "the edge knows who this is, and does not let it send telemetry" }],
  [404, { field: "edges", means: "there is no telemetry socket at that path" }],
  [421, { field: "edges", means: "the edge does not go by that name" }],
  [429, { field: "token", means: "too many attempts have failed: the edge looks at no more for now" }],
  [503, { field: "edges", means: "the edge has no room, or is overloaded" }],
  [CloseCode.goingAway, { field: "edges", means: "the edge is stopping" }],
  [1006, { field: "edges", means: "it is not reached, or the connection broke" }],
  [CloseCode.policyViolation, { field: "droneId", means: "what was sent is against the edge's rules" }],
  [CloseCode.messageTooBig, { field: "records", means: "a frame was too long" }],
  [CloseCode.proofEnded, { field: "token", means: "the proof of who this is has ended, or was revoked" }],
  [CloseCode.versionsApart, { field: "version", means: "this client and the edge do not work together: upgrade one" }],
]);
