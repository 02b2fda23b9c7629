import { assertEquals, assertStringIncludes } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { Presence } from "../../aggregator/intake/presence.ts";
import { withAggregator } from "./rig.ts";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";

const { CURRENT, BEHIND, LOST, LEFT } = EdgePresence;

let nowMs: number;
let known: Map<string, EdgePresence>;
/** What the pipeline was told last of how late edges are. */
let lateMs: Map<string, number>;
let connections: Map<string, { silentMs: number; backlogMs: number | null; lagMs: number }>;
let told: string[];
let presence: Presence;

/** What the pipeline is told within so long. */
function after(ms: number): string[] {
  told = [];
  for (let left = ms; left > 0; left -= 100) {
    nowMs += 100;
    presence.reconcile();
  }
  return told;
}

describe("Presence", () => {
  beforeEach(() => {
    nowMs = 1e6;
    known = new Map([["e1", CURRENT]]);
    lateMs = new Map();
    connections = new Map([["e1", { silentMs: 0, backlogMs: 0, lagMs: 0 }]]);
    presence = new Presence({
      pipeline: { edges: () => Array.from(known, ([edgeId, presence]) => [edgeId, presence, lateMs.get(edgeId) ?? 0]) },
      sequencer: {
        told: ({ edgeId, presence, lateMs: isLateMs = 0 }) => {
          known.set(edgeId, presence);
          lateMs.set(edgeId, isLateMs);
          told.push(`${edgeId} ${EdgePresence[presence]}${isLateMs > 0 ? ` ${isLateMs} ms late` : ""}`);
          return Promise.resolve();
        },
      },
      connectionOf: (edgeId) => connections.get(edgeId),
      edgeIds: () => [...connections.keys()],
      clock: () => nowMs,
      log: () => {},
    });
  });

  it("says nothing while all is as it was, and of edges that are there for the first time", () => {
    connections.set("e2", { silentMs: 0, backlogMs: null, lagMs: 0 });
    assertEquals(after(2000), []);
  });

  it("tells once that an edge is lost: without a connection for a second, or silent on one", () => {
    connections.delete("e1");
    assertEquals(after(900), []);
    assertEquals(after(3000), ["e1 LOST"]);
    known.set("e1", CURRENT);
    connections.set("e1", { silentMs: 3500, backlogMs: 0, lagMs: 0 });
    assertEquals(after(3000), ["e1 LOST"]);
  });

  it("does not take a short interruption for a loss", () => {
    connections.delete("e1");
    assertEquals(after(800), []);
    connections.set("e1", { silentMs: 0, backlogMs: 0, lagMs: 0 });
    assertEquals(after(200), []);
    connections.delete("e1");
    assertEquals(after(800), []);
  });

  it("calls an edge that came back behind until it has delivered what it kept", () => {
    known.set("e1", LOST);
    connections.set("e1", { silentMs: 0, backlogMs: null, lagMs: 0 });
    assertEquals(after(500), ["e1 BEHIND"]);
    connections.set("e1", { silentMs: 0, backlogMs: 4000, lagMs: 0 });
    assertEquals(after(500), []);
    connections.set("e1", { silentMs: 0, backlogMs: 200, lagMs: 0 });
    assertEquals(after(500), ["e1 CURRENT"]);
  });

  it("calls a connected edge behind whose oldest batch has waited for more than five seconds", () => {
    connections.set("e1", { silentMs: 0, backlogMs: 4000, lagMs: 0 });
    assertEquals(after(500), []);
    connections.set("e1", { silentMs: 0, backlogMs: 6000, lagMs: 0 });
    assertEquals(after(500), ["e1 BEHIND"]);
  });

  it("does not wait for an edge that said good-bye, nor for one that it never knew", () => {
    connections.delete("e1");
    presence.left("e1");
    assertEquals(after(3000), ["e1 LEFT"]);
    assertEquals([known.get("e1"), after(3000)], [LEFT, []]);
    connections.set("e1", { silentMs: 0, backlogMs: 0, lagMs: 0 });
    assertEquals(after(300), ["e1 CURRENT"]);
    assertEquals(BEHIND, 2);
  });

  it("loses an edge that is silent on its connection before its drones seem lost, but not while we were away ourselves", () => {
    presence.reconcile();
    connections.set("e1", { silentMs: 2400, backlogMs: 0, lagMs: 0 });
    assertEquals(after(500), []);
    connections.set("e1", { silentMs: 2600, backlogMs: 0, lagMs: 0 });
    assertEquals(after(100), ["e1 LOST"]);
    known.set("e1", CURRENT);
    lateMs.set("e1", 900);
    nowMs += 2000;
    connections.set("e1", { silentMs: 4600, backlogMs: 0, lagMs: 0 });
    assertEquals(after(100), []);
    connections.set("e1", { silentMs: 0, backlogMs: 0, lagMs: 0 });
    assertEquals(after(2000), []);
  });

  it("tells that an edge comes late, and five seconds after the last time that it does not any more", () => {
    presence.reconcile();
    connections.set("e1", { silentMs: 0, backlogMs: 0, lagMs: 240 });
    assertEquals([after(1000), presence.tooSlow], [[], null]);
    connections.set("e1", { silentMs: 0, backlogMs: 0, lagMs: 900 });
    assertEquals([after(1000), presence.tooSlow], [[], { what: "edge e1", lagMs: 900 }]);
    connections.set("e1", { silentMs: 0, backlogMs: 0, lagMs: 1800 });
    assertEquals(after(1000), ["e1 CURRENT 1800 ms late"]);
    assertEquals(presence.tooSlow, { what: "edge e1", lagMs: 1800 });
    connections.set("e1", { silentMs: 0, backlogMs: 0, lagMs: 20 });
    assertEquals(after(4900), []);
    assertEquals(after(300), ["e1 CURRENT"]);
    assertEquals(presence.tooSlow, null);
  });

  it("does not call one too slow that has gone", () => {
    connections.set("e1", { silentMs: 0, backlogMs: 0, lagMs: 900 });
    after(200);
    connections.delete("e1");
    after(200);
    assertEquals(presence.tooSlow, null);
  });

  it("tells of every edge when we are late ourselves", () => {
    known.set("e2", CURRENT);
    connections.set("e2", { silentMs: 0, backlogMs: 0, lagMs: 0 });
    presence.reconcile();
    nowMs += 1600;
    assertEquals(after(100), ["e1 CURRENT 1600 ms late", "e2 CURRENT 1600 ms late"]);
    assertEquals(presence.tooSlow, { what: "aggregator", lagMs: 1600 });
    assertEquals(after(5500), ["e1 CURRENT", "e2 CURRENT"]);
  });

  it("takes back what an aggregator before it told of an edge", () => {
    lateMs.set("e1", 500);
    assertEquals(after(100), ["e1 CURRENT"]);
  });
});

describe("/v1/fleet", () => {
  it("tells that an edge is too slow, and by how much, as the edge says it", async () => {
    await withAggregator({}, async ({ connect, aggregator }) => {
      const edge = await connect().greet();
      edge.send({ case: "status", value: { lagMs: 1400 } });
      const { body } = await fetch(`${aggregator.url}/v1/events?only=fleet`);
      for await (const text of body!.pipeThrough(new TextDecoderStream())) {
        if (!text.includes('"tooSlow":{')) continue;
        assertStringIncludes(text, '"tooSlow":{"what":"edge edge-1","lagMs":1400}');
        break;
      }
    });
  });
});
