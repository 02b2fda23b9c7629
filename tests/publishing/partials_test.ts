import { fromBinary } from "@bufbuild/protobuf";
import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { RegionPartials } from "../../aggregator/sinks/publishing/partials.ts";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { WindowPartialSchema } from "../../proto/gen/slipstream/v1/fleet_pb.ts";
import { makeEntry, type Row } from "../pipeline/build_batch.ts";

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const DRONES = 450;
const TAKEN_BYTES = 65_536;

/** What a region tells of one second of so many drones, with several batteries and the longest names; then of one that is late. */
function told() {
  const partials = new RegionPartials("eu");
  const pipeline = new Pipeline(PIPELINE_DEFAULTS, { onTumbling: partials.onTumbling });
  const messages: { key: string; value: Uint8Array }[] = [];
  const run = (step: () => void) => {
    partials.begin(pipeline.windowsBefore);
    step();
    messages.push(...partials.end(pipeline.windowsBefore));
  };
  const slots = Array.from(
    { length: DRONES },
    (_, slot) => ({ slot, droneId: `${slot}`.padStart(64, "-"), zone: "north" }),
  );
  const rowsOf = (slot: number, seq: number): Row[] => [
    {
      kind: "position",
      slot,
      seq,
      eventTimeUs: T0 + slot,
      latE7: 474_000_000,
      lonE7: slot,
      altMslMm: slot,
      altHomeMm: slot,
    },
    ...[1, 2, 3].flatMap((id): Row[] =>
      [1, 2].map((n) => ({
        kind: "battery",
        slot,
        seq: seq + 2 * id + n,
        eventTimeUs: T0 + n,
        id,
        remainingCpct: 50 * n,
      }))
    ),
  ];
  const came = { edgeId: "e1", presence: EdgePresence.CURRENT };
  run(() => pipeline.edgeChanged(came));
  run(() =>
    pipeline.step(makeEntry({ slots, rows: slots.flatMap(({ slot }) => rowsOf(slot, 1)), ingestionTimeUs: T0 + S / 2 }))
  );
  const pass = (fromS: number, toS: number) => {
    for (let atUs = T0 + fromS * S; atUs < T0 + toS * S; atUs += S / 10) run(() => pipeline.tick(atUs));
  };
  const later: Row = { kind: "obstacles", slot: 8, seq: 90, eventTimeUs: T0 + 2 * S };
  run(() => pipeline.step(makeEntry({ rows: [later], ingestionTimeUs: T0 + 2 * S })));
  pass(2, 2.5);
  const late: Row = { kind: "obstacles", slot: 7, seq: 90, eventTimeUs: T0 + S / 2 };
  run(() => pipeline.step(makeEntry({ rows: [late], ingestionTimeUs: T0 + 2.5 * S })));
  pass(2.5, 5);
  return messages.map(({ key, value }) => ({ key, value, partial: fromBinary(WindowPartialSchema, value) }));
}

describe("partial windows", () => {
  const windows = told().filter(({ partial: { startUs } }) => startUs === BigInt(T0));

  it("are in several messages where drones are many, each smaller than what topics take", () => {
    const first = windows.filter(({ partial: { revision } }) => revision === 0);
    assertEquals(first.map(({ partial: { part, parts, drones } }) => [part, parts, drones.length]), [
      [0, 3, 200],
      [1, 3, 200],
      [2, 3, 50],
    ]);
    assertEquals(first.map(({ key }) => JSON.parse(key).at(-1)), [0, 1, 2]);
    for (const { value } of first) assertLess(value.length, TAKEN_BYTES);
  });

  it("have the first charge of each battery where it is not the latest", () => {
    const [{ partial: { drones: [drone] } }] = windows as [typeof windows[number]];
    assertEquals(
      drone!.charges.map(({ firstUs, firstCpct, lastUs, lastCpct }) => [firstUs, firstCpct, lastUs, lastCpct]),
      [
        [1, 50, 2, 100],
        [1, 50, 2, 100],
        [1, 50, 2, 100],
      ],
    );
  });

  it("have a drone in the same message in each revision", () => {
    const placesOf = (of: number) =>
      windows.filter(({ partial: { revision } }) => revision === of)
        .map(({ partial: { part, drones } }) => [part, drones.map(({ droneId }) => droneId)]);
    assertEquals(placesOf(1).length, 3);
    assertEquals(placesOf(1), placesOf(0));
  });
});
