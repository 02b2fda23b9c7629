import { assert, assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { DroneDownlinkSchema, RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { PACING_DEFAULTS } from "../../clients/typescript/src/pacing.ts";
import { downlinks } from "./arbitrary_downlink.ts";
import { ClientRig, records, scan } from "./client_rig.ts";
import type { FakeSocket } from "./fake_socket.ts";
import { ScriptedEdge } from "./scripted_edge.ts";

const RUNS = 200;
/** Long refusals, back-off, and the slowest pace. */
const MEND_MS = 150_000;
const STEP_MS = 25;
const FINAL = [RefusalReason.SHED, RefusalReason.EXPIRED, RefusalReason.REJECTED, RefusalReason.INVALID];

/** What happens to the client next. */
type Step =
  | { type: "send"; count: number; hits: number }
  | { type: "wait"; ms: number }
  | { type: "say"; bytes: Uint8Array }
  | { type: "stuff"; bytes: number };

/** A connection: what happens on it, and how it ends. */
interface Life {
  opens: boolean;
  steps: Step[];
  end: { type: "close"; code: number } | { type: "fail" } | { type: "say"; data: unknown } | { type: "silence" };
  afterMs: number;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("send" as const),
      count: fc.integer({ min: 1, max: 8 }),
      hits: fc.constantFrom(0, 0, 0, 72, 900),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.constantFrom(20, 60, 200, 3000) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("say" as const), bytes: downlinks }) },
  fc.record({ type: fc.constant("stuff" as const), bytes: fc.constantFrom(0, 0, 1 << 15, 1 << 21) }),
);

const garbage = fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.slice().buffer);

const life: fc.Arbitrary<Life> = fc.record({
  opens: fc.constantFrom(true, true, true, true, false),
  steps: fc.array(step, { maxLength: 40, size: "max" }),
  end: fc.oneof(
    fc.record({ type: fc.constant("close" as const), code: fc.constantFrom(1000, 1001, 1006, 1007, 1008, 1009, 4000) }),
    fc.record({ type: fc.constant("fail" as const) }),
    fc.record({ type: fc.constant("say" as const), data: fc.oneof(fc.string(), garbage) }),
    fc.record({ type: fc.constant("silence" as const) }),
  ),
  afterMs: fc.constantFrom(0, 100, 1000, 15_000, 40_000),
});

/** What may be forgotten, as an outsider sees it. */
class Judge {
  readonly final = new Set<number>();
  faults = 0;
  alerts = 0;

  /** The edge is about to say this: of what was sent, what does that settle? */
  hears(bytes: Uint8Array, sent: ReadonlySet<number>): void {
    let body;
    try {
      ({ body } = fromBinary(DroneDownlinkSchema, bytes));
    } catch (error) {
      assert(error instanceof Error);
      return;
    }
    if (body.case === "alert") this.alerts++;
    if (body.case === "frameFault") this.faults++;
    if ((body.case !== "ack" && body.case !== "throttle") || body.value.bootId !== 1) return;
    const isFinal = body.case === "ack" || FINAL.includes(body.value.reason);
    const ranges = body.case === "ack" ? body.value.ranges : body.value.shed;
    for (const seq of isFinal ? sent : []) {
      if (ranges.some(({ firstSeq, lastSeq }) => seq >= firstSeq && seq <= lastSeq)) this.final.add(seq);
    }
  }
}

function sentOn(sockets: FakeSocket[]): Set<number> {
  return new Set(
    sockets.flatMap(({ sent }) => sent)
      .flatMap((bytes) => fromBinary(TelemetryFrameSchema, bytes).records.map(({ seq }) => seq)),
  );
}

/** @throws {Error} when the client breaks a promise */
function live(lives: Life[]): void {
  using rig = new ClientRig();
  const drone = rig.client();
  const judge = new Judge();
  const accepted: number[] = [];
  let [seq, sends] = [0, 0];
  const beganMs = Date.now();
  drone.open();
  for (const { opens, steps, end, afterMs } of lives) {
    const { socket } = rig;
    if (opens && socket.readyState === WebSocket.CONNECTING) socket.accept();
    for (const step of steps) {
      if (step.type === "send") {
        const batch = records(...Array.from({ length: step.count }, (_, i) => seq + i));
        if (step.hits > 0) batch[0] = scan(seq, step.hits);
        if (drone.send(batch) === "accepted") {
          accepted.push(...batch.map((record) => record.seq));
          seq += step.count;
        }
        sends++;
      } else if (step.type === "wait") rig.time.tick(step.ms);
      else if (step.type === "stuff") socket.bufferedAmount = step.bytes;
      else if (socket.readyState === WebSocket.OPEN) {
        judge.hears(step.bytes, sentOn(rig.sockets));
        socket.onmessage?.({ data: step.bytes.slice().buffer });
      }
    }
    if (end.type === "close") socket.close(end.code);
    else if (end.type === "fail" && socket.readyState !== WebSocket.CLOSED) socket.fail();
    else if (end.type === "say" && socket.readyState === WebSocket.OPEN) {
      if (end.data instanceof ArrayBuffer) judge.hears(new Uint8Array(end.data), sentOn(rig.sockets));
      socket.onmessage?.({ data: end.data });
    }
    rig.time.tick(afterMs);
  }
  for (const number of rig.lost.flatMap(([seqs, reason]) => reason === "unreadable" ? seqs : [])) {
    assertLess(2, judge.faults, `${number} is unreadable, and nobody said so three times`);
    judge.final.add(number);
  }
  const kept = new Set(drone.unacknowledgedSeqs);
  assertEquals(accepted.filter((number) => !kept.has(number) && !judge.final.has(number)), [], "lost");
  const frames = rig.sockets.reduce((sum, { sent }) => sum + sent.length, 0);
  const paced = (Date.now() - beganMs) / PACING_DEFAULTS.intervalMsMin;
  assertLess(frames, sends + judge.alerts + paced + 2 * rig.sockets.length + 1, "frames");
  mend(rig, drone);
  assertEquals(drone.unacknowledgedSeqs, [], "after the edge behaved for a while");
}

/** From now on there is an edge as it should be, on whatever connection there is. */
function mend(rig: ClientRig, drone: ReturnType<ClientRig["client"]>): void {
  const edge = new ScriptedEdge(() => Date.now());
  let socket: FakeSocket | null = null;
  for (let ms = 0; ms < MEND_MS && drone.unacknowledged > 0; ms += STEP_MS) {
    if (socket !== rig.socket) {
      socket = rig.socket;
      socket.bufferedAmount = 0;
      edge.accept(socket);
    }
    edge.advance();
    rig.time.tick(STEP_MS);
  }
}

describe("a DroneClient, whatever its edge answers", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  it(`throws nothing, loses nothing, floods nobody, and sends everything once the edge behaves (seed ${seed})`, () => {
    fc.assert(fc.property(fc.array(life, { minLength: 1, maxLength: 5, size: "max" }), live), { numRuns: RUNS, seed });
  });

  it("is judged by messages of every kind", () => {
    const cases = fc.sample(downlinks, { numRuns: 500, seed: 1 })
      .map((bytes) => fromBinary(DroneDownlinkSchema, bytes).body.case);
    assertEquals(new Set(cases).size, 7);
    assertEquals(toBinary(DroneDownlinkSchema, fromBinary(DroneDownlinkSchema, new Uint8Array())).length, 0);
  });
});
