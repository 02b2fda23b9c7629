import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Clock } from "../../aggregator/pipeline/drones/clock.ts";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { fleet, presence, told } from "./edge_scene.ts";
import { S, Scene, straight, T0 } from "./scene.ts";

const { BEHIND, CURRENT } = EdgePresence;

describe("an edge that is late, or an aggregator that is", () => {
  it("tells of itself when drones seem silent, and of them when it keeps up and they still are", () => {
    const scene = new Scene(fleet(5, (i, s) => s < 5 || i > 0));
    scene.flyTo(20, (s) => {
      if (s === 6) presence(scene, CURRENT, 700);
      if (s === 14) presence(scene, CURRENT, 0);
    });
    assertEquals(told(scene, "edge-lost"), ["raise critical", "resolve critical"]);
    const [raised, resolved] = scene.alerts.filter(({ kind }) => kind === "edge-lost");
    assertEquals(raised!.droneIds, ["d0"]);
    assert(raised!.message.includes("0.7 s late"), raised!.message);
    const [loss] = scene.raised("link-loss");
    assertGreater(loss![0], 16.8);
    assertEquals(resolved!.atS, loss![0]);
  });

  it("names those that fall silent after the first", () => {
    const scene = new Scene(fleet(9, (i, s) => s < 5 + i / 2 || i >= 6));
    presence(scene, CURRENT, 1700);
    scene.flyTo(15);
    const [open] = scene.pipeline.openAlerts();
    assertEquals([open!.kind, open!.revision], ["edge-lost", 1]);
    assertGreater(open!.droneIds.length, 3);
    assertEquals(scene.pipeline.openAlertDrones(), open!.droneIds);
  });

  it("takes no clock for stopped whose records it held up and read together", () => {
    for (const [lateMs, skews] of [[1500, 0], [0, 1]] as const) {
      const scene = new Scene(fleet(1, () => false));
      const tell = (seqs: number[], eventS: number) => {
        const rows = seqs.map((seq) => (
          { kind: "battery", slot: 1, seq, eventTimeUs: T0 + eventS * S + seq * 10_000 } as const
        ));
        scene.send(rows, { slots: [{ slot: 1, droneId: "d0" }] });
      };
      tell([1], 0);
      presence(scene, CURRENT, lateMs);
      scene.flyTo(2.5);
      tell([2, 3, 4, 5, 6], 0);
      assertEquals(scene.raised("clock-skew").length, skews);
    }
  });

  it("tells nothing when all are heard", () => {
    const scene = new Scene(fleet(5, () => true));
    presence(scene, CURRENT, 700);
    scene.flyTo(10);
    assertEquals(scene.alerts, []);
  });
});

describe("a fleet that is heard ever later", () => {
  const lateS = (s: number) => s < 5 ? 0 : -Math.min(9, 0.9 * (s - 5));

  it("is one alert about the way, and none about its clocks or its silence, and it ends when all come promptly again", () => {
    const scene = new Scene(
      fleet(20, (i, s) => i > 3 || s < 20 || s > 30, { clockS: (s) => s < 45 ? lateS(s) : 0 }),
    );
    scene.flyTo(60);
    assertEquals(scene.alerts.filter(({ droneIds, kind }) => droneIds.length === 1 && kind !== "edge-lost"), []);
    assertEquals(told(scene, "degraded").filter((what) => what.includes("raise")), ["raise warning"]);
    assertLess(scene.raised("degraded")[0]![0], 7);
    assertEquals(told(scene, "edge-lost").filter((what) => what.includes("raise")), ["raise critical"]);
    assertEquals(scene.pipeline.openAlerts(), []);
    assertEquals(scene.pipeline.fleet().stalest, null);
  });

  it("says by how much", () => {
    const scene = new Scene(fleet(20, () => true, { clockS: lateS }));
    scene.flyTo(30);
    const { edgeId, lateMs } = scene.pipeline.fleet().stalest!;
    assertEquals(edgeId, "e1");
    assertLess(Math.abs(lateMs - 9000), 100);
    assert(scene.alerts.some(({ kind, message }) => kind === "degraded" && /hears most of its drones/.test(message)));
  });

  it("is another thing than clocks that are behind from the first record on, each of which is told", () => {
    const scene = new Scene(fleet(20, (i, s) => s < 20 || i > 0, { clockS: () => -9 }));
    scene.flyTo(30);
    assertEquals(scene.raised("clock-skew").length, 20);
    assertEquals(scene.raised("link-loss").length, 1);
    assertEquals(told(scene, "edge-lost"), []);
  });

  it("does not excuse one drone that is late alone", () => {
    const scene = new Scene([
      ...fleet(20, () => true),
      { droneId: "slow", slot: 99, at: straight({ eastM: -9000 }), clockS: lateS },
    ]);
    scene.flyTo(40);
    assertEquals(scene.alerts.filter(({ kind }) => kind === "clock-skew").map(({ droneIds }) => droneIds), [["slow"]]);
  });
});

describe("Clock.lateUs", () => {
  /** The last of records a minute apart, each with its delay by a clock that may be wrong, in s. */
  function lateS(delays: number[], also: (clock: Clock, i: number) => void = () => {}): number {
    const clock = new Clock();
    for (const [i, delayS] of delays.entries()) {
      const nowUs = T0 + 60 * S * i;
      const eventTimeUs = nowUs - delayS * S;
      clock.observe(eventTimeUs, { nowUs, latestUs: eventTimeUs, seq: 0, inSequence: true });
      also(clock, i);
    }
    return clock.lateUs / S;
  }

  it("is how much later than the promptest of its boot a record came, however long ago that was", () => {
    // Less what two clocks may drift apart in two minutes.
    assertEquals(lateS([7, 5, 6, 9]), 4 - 0.012);
    assertEquals(lateS([-20, ...Array(30).fill(-11)]).toFixed(1), "8.8");
  });

  it("does not take for lateness that two clocks drift apart, or that one is set", () => {
    assertLess(lateS(Array.from({ length: 600 }, (_, i) => 60 * i * 50e-6)), 0.001);
    assertEquals(lateS([1, 1, 3601]), 0);
    assertEquals(lateS([1, 1, 1 - 3600], (clock, i) => i === 1 && clock.shift(-3600 * S)), 0);
  });

  it("is told by records in sequence, and of one boot", () => {
    assertEquals(lateS([1, 9], (clock, i) => i === 1 && clock.begin()), 0);
    const clock = new Clock();
    for (const [ms, inSequence] of [[0, true], [5000, false]] as const) {
      clock.observe(T0, { nowUs: T0 + ms * 1000, latestUs: T0, seq: 0, inSequence });
    }
    assertEquals(clock.lateUs, 0);
  });
});

describe("an edge whose bulk waits for a disk, or for credit", () => {
  it("hears its drones all the same: the one that falls silent is told lost, as fast as ever, and nothing of the edge", () => {
    const scene = new Scene(fleet(5, (i, s) => s < 15 || i > 0));
    scene.flyTo(25, (s) => {
      if (s === 5) presence(scene, BEHIND);
    });
    assertEquals(scene.alerts.map(({ kind, droneIds }) => [kind, ...droneIds]), [["link-loss", "d0"]]);
    assertLess(scene.alerts[0]!.atS, 18.2);
  });

  it("tells of itself while its positions wait as well", () => {
    const scene = new Scene(fleet(5, (_, s) => s < 15 || s >= 21));
    scene.flyTo(30, (s) => {
      if (s === 5) presence(scene, BEHIND);
    });
    assertEquals(scene.raised("link-loss"), []);
    assertEquals(told(scene, "edge-lost"), ["raise critical", "resolve critical"]);
  });

  it("takes nobody for lost whose positions are rare, or who tells none", () => {
    const scene = new Scene(fleet(2, () => true));
    const slots = [{ slot: 8, droneId: "rare" }, { slot: 9, droneId: "none" }];
    scene.flyTo(40, (s) => {
      if (s === 20) presence(scene, BEHIND);
      const n = Math.round(s * 10);
      const told = { flags: 3, eventTimeUs: scene.nowUs - 5000 };
      if (n % 60 === 0) {
        const fix = { latE7: 480_000_000 + n, lonE7: 85_000_000 };
        scene.send([{ kind: "position", slot: 8, seq: n + 1, ...told, ...fix }], { slots });
      } else if (s < 20) {
        scene.send([8, 9].map((slot) => ({ kind: "battery", slot, seq: n + 1, ...told })), { slots });
      }
    });
    assertEquals(scene.alerts.map(({ kind, droneIds }) => [kind, ...droneIds]), []);
  });

  it("takes no clock for one that is behind whose bulk comes late", () => {
    for (const [is, skews] of [[BEHIND, 0], [CURRENT, 1]] as const) {
      const scene = new Scene(fleet(1, () => true));
      const slots = [{ slot: 9, droneId: "bulk" }];
      scene.flyTo(50, (s) => {
        if (s === 10) presence(scene, is);
        if (s >= 5 && s < 15) return;
        const told = { flags: 0, seq: Math.round(s * 10) + 1, eventTimeUs: scene.nowUs - (s < 5 ? 5000 : 10 * S) };
        scene.send([{ kind: "battery", slot: 9, ...told }], { slots });
      });
      assertEquals(scene.raised("clock-skew").length, skews);
    }
  });
});
