import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ApiParts, createApi } from "../../aggregator/api/api.ts";
import type { Deed } from "../../aggregator/audit/record.ts";
import type { EdgeView } from "../../aggregator/intake/edges.ts";
import { Scaling } from "../../aggregator/intake/scaling.ts";
import { OPEN_GATE } from "../../identity/gate.ts";

const QUIET = { cpuCpct: 1000, lagMs: 1, connections: 10, connectionsMax: 1000, backlogMs: 5 };

/** An aggregator that looks each second at edges that tell so much. */
class Rig {
  nowMs = 0;
  cpuShare = 0.1;
  edges: Partial<EdgeView>[] = [];
  readonly deeds: Deed[] = [];
  readonly logged: string[] = [];
  readonly scaling = new Scaling({
    edges: { list: () => this.edges as EdgeView[] },
    edgesMax: 10,
    sequencer: {
      audit: (deed) => {
        this.deeds.push(deed);
        return Promise.resolve("safe" as const);
      },
      isKeeping: true,
    },
    clock: () => this.nowMs,
    cpuMs: () => this.nowMs * this.cpuShare,
    log: (_, message) => this.logged.push(message),
  });

  tell(...statuses: Partial<typeof QUIET>[]): this {
    this.edges = statuses.map((status) => ({ connections: 1, status: { ...QUIET, ...status } }));
    return this;
  }

  run(seconds: number): this {
    for (let i = 0; i < seconds; i++) {
      this.nowMs += 1000;
      this.scaling.look();
    }
    return this;
  }

  get wanted(): [edges: number, aggregators: number] {
    const { edges, aggregator } = this.scaling.report!;
    return [edges.wanted, aggregator.wanted];
  }
}

describe("an aggregator, asked how many are wanted", () => {
  it("says that it cannot know yet, as long as edges may still come", async () => {
    const rig = new Rig().tell({}, {}).run(29);
    const api = createApi({ scaling: rig.scaling, gate: OPEN_GATE, hosts: null } as unknown as ApiParts);
    assertEquals(await (await api.request("/v1/scale")).json(), { edges: null, aggregator: null });
    rig.run(1);
    const { edges, aggregator } = await (await api.request("/v1/scale")).json();
    assertEquals([edges.replicas, edges.wanted, aggregator.replicas, aggregator.wanted], [2, 2, 1, 1]);
    assertEquals(edges.signals, { cpuPct: 10, lagMs: 1, connectionsPct: 1, backlogMs: 5 });
    assertEquals(aggregator.signals, { cpuPct: 10, lagMs: 0, connectionsPct: 20, backlogMs: 5 });
  });

  it("wants one edge more when all together use more than 70 % for two minutes, and that is on record", () => {
    const rig = new Rig().tell({ cpuCpct: 9500 }, { cpuCpct: 5500 }).run(130);
    assertEquals(rig.wanted, [3, 1]);
    assertEquals(rig.deeds, [{
      ...{ who: "autoscaling", what: "want replicas", subject: "edges", before: "2" },
      after: "3: cpu is 75 %, more than 70 %, for 120 s",
    }]);
    assertMatch(rig.logged.join(), /^3 edges are wanted, 2 before: cpu is 75 %/);
  });

  it("does not count edges that are away, nor processors of which nobody tells", () => {
    const rig = new Rig().tell({ cpuCpct: 9000 }, { cpuCpct: 0 });
    rig.edges.push({ connections: 0, status: { ...QUIET, cpuCpct: 100 } }, { connections: 1, status: null });
    rig.run(130);
    assertEquals([rig.scaling.report!.edges.replicas, rig.wanted], [2, [3, 1]]);
  });

  it("wants one fewer after ten calm minutes", () => {
    assertEquals(new Rig().tell({}, {}, {}).run(610).wanted, [2, 1]);
  });

  it("is one that is too small when it has too much to do itself, and wants no edges for what waits for it", () => {
    const rig = new Rig().tell({ backlogMs: 5000 }, { backlogMs: 5000 });
    rig.cpuShare = 0.9;
    rig.run(260);
    assertEquals(rig.wanted, [2, 2]);
    assertEquals(rig.deeds.map(({ subject, before }) => [subject, before]), [["aggregator", "1"]]);
    assertEquals(rig.scaling.report!.edges.signals.backlogMs, null);
  });

  it("wants nobody for what waits for a disk", () => {
    const rig = new Rig().tell({ backlogMs: 50_000 });
    const stuck = new Scaling({
      edges: { list: () => rig.edges as EdgeView[] },
      ...{ edgesMax: 10, clock: () => rig.nowMs, log: () => {} },
      sequencer: { audit: () => Promise.reject(new Error("closed")), isKeeping: false },
    });
    for (let i = 0; i < 300; i++) {
      rig.nowMs += 1000;
      stuck.look();
    }
    const { edges, aggregator } = stuck.report!;
    assertEquals([edges.wanted, aggregator.wanted, edges.signals.backlogMs, aggregator.signals.cpuPct], [
      1,
      1,
      null,
      null,
    ]);
  });
});
