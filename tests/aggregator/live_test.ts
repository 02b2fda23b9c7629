import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { FleetReport } from "../../aggregator/api/fleet_report.ts";
import { Live } from "../../aggregator/api/live.ts";
import { EventFanOut } from "../../aggregator/sinks/events.ts";
import { aircraft, drone, FakePipeline } from "./fake_pipeline.ts";

interface Told {
  event: string;
  data: { snapshotOf?: string; drones?: [string, ...unknown[]][]; gone?: string[] };
}

/** Everything that a reader was told by the end. */
async function told(stream: ReadableStream<Uint8Array>): Promise<Told[]> {
  const text = await new Response(stream).text();
  return [...text.matchAll(/event: (\w+)\ndata: (.*)\n/g)].map(([, event, data]) => {
    return { event: event!, data: JSON.parse(data!) };
  });
}

function rig() {
  const events = new EventFanOut({ clientsMax: 4 });
  const pipeline = new FakePipeline();
  const fleet = () => ({ journal: { journalId: "journal-7" } }) as FleetReport;
  return { events, pipeline, live: new Live({ nowUs: () => 0, pipeline, events, fleet }) };
}

describe("Live", () => {
  it("tells a new reader the fleet and which world this is at once, before any drone", async () => {
    const { events, pipeline, live } = rig();
    pipeline.all = [drone("a"), drone("b")];
    const stream = events.subscribe()!;
    live.positions();
    events.close();
    const [first, second, third] = await told(stream);
    assertEquals([first!.event, second!.data], ["fleet", { snapshotOf: "journal-7", drones: [], gone: [] }]);
    assertEquals(third!.data.drones!.map(([id]) => id), ["a", "b"]);
  });

  it("tells a new reader that there is no drone, where it may remember some", async () => {
    const { events, live } = rig();
    const stream = events.subscribe()!;
    live.positions();
    live.positions();
    events.close();
    const positions = (await told(stream)).filter(({ event }) => event === "positions");
    assertEquals(positions.map(({ data }) => data.snapshotOf), ["journal-7"]);
  });

  it("tells of traffic once a second, where somebody reads that", async () => {
    const { events, pipeline, live } = rig();
    pipeline.aircraft = [aircraft("adsb:4ca123")];
    const stream = events.subscribe(["traffic"])!;
    live.fleet();
    events.close();
    const all = (await told(stream)).filter(({ event }) => event !== "hello");
    assertEquals(all, [{ event: "traffic", data: { aircraft: pipeline.aircraft } as object }]);
  });

  it("says how far a silent drone may be", async () => {
    const { events, pipeline, live } = rig();
    pipeline.all = [drone("a"), drone("b")];
    pipeline.silent.set("b", 41.6);
    const stream = events.subscribe()!;
    live.positions();
    events.close();
    assertEquals((await told(stream)).at(-1)!.data.drones!.map((row) => row[9]), [null, 42]);
  });
});
