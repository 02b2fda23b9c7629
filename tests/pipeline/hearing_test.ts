import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AlertEvent } from "../../aggregator/pipeline/outputs.ts";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { type DroneInit, S, Scene, straight } from "./scene.ts";

const { CURRENT, BEHIND, LOST, LEFT } = EdgePresence;

/** Drones far from each other, heard through one edge while `isHeard` says so. */
function fleet(count: number, isHeard: (i: number, s: number) => boolean, more: Partial<DroneInit> = {}): DroneInit[] {
  return Array.from({ length: count }, (_, i) => {
    const at = straight({ eastM: i * 3000, vnMps: 5 });
    return { droneId: `d${i}`, slot: i + 1, at: (s) => isHeard(i, s) ? at(s) : null, ...more };
  });
}

function told(scene: Scene, kind: AlertEvent["kind"]): string[] {
  return scene.alerts.filter((alert) => alert.kind === kind).map(({ transition, severity }) =>
    `${transition} ${severity}`
  );
}

function presence(scene: Scene, presence: EdgePresence, lateMs = 0): void {
  scene.take(scene.pipeline.edgeChanged({ edgeId: "e1", presence, lateMs }));
}

/** The host's clock is an hour ahead from the scene's beginning; the answer sets it back. */
function anHourAhead(scene: Scene): () => void {
  const { pipeline } = scene;
  const hourUs = 3600 * S;
  let aheadUs = hourUs;
  const [step, tick] = [pipeline.step.bind(pipeline), pipeline.tick.bind(pipeline)];
  pipeline.step = (entry) => step({ ...entry, ingestionTimeUs: entry.ingestionTimeUs + aheadUs });
  pipeline.tick = (atUs) => tick(atUs + aheadUs);
  return () => {
    aheadUs = 0;
    scene.take(pipeline.clockStepped({ stepUs: -hourUs, nowUs: scene.nowUs }));
  };
}

describe("an edge that is lost with twenty drones in the air", () => {
  it("is one alert, none of its drones is told lost, and it ends when the edge and they are back", () => {
    const scene = new Scene(fleet(20, (_, s) => s < 5 || s >= 15));
    scene.flyTo(40, (s) => {
      if (s === 6) presence(scene, LOST);
      if (s === 15) presence(scene, BEHIND);
      if (s === 16) presence(scene, CURRENT);
    });
    assertEquals(scene.raised("link-loss"), []);
    assertEquals(told(scene, "edge-lost"), ["raise critical", "resolve critical"]);
    const [raised, resolved] = scene.alerts.filter(({ kind }) => kind === "edge-lost");
    assertLess(raised!.atS, 8.1);
    assertEquals([raised!.droneIds.length, raised!.detail], [16, "edge/e1"]);
    assert(raised!.message.includes("20 of 20"), raised!.message);
    assertGreater(resolved!.atS, 18.9);
    assertLess(resolved!.atS, 20);
    assertEquals(scene.pipeline.openAlertDrones(), []);
  });

  it("is nobody's business when it is back within two seconds, with its drones", () => {
    const scene = new Scene(fleet(20, (_, s) => s < 5 || s >= 7.5));
    scene.flyTo(15, (s) => {
      if (s === 6) presence(scene, LOST);
      if (s === 7) presence(scene, BEHIND);
      if (s === 8) presence(scene, CURRENT);
    });
    assertEquals(scene.alerts, []);
  });

  it("tells of a drone that is gone when the others are back, once it cannot be waiting to try again", () => {
    const scene = new Scene(fleet(20, (i, s) => s < 5 || (s >= 15 && i > 0)));
    scene.flyTo(60, (s) => {
      if (s === 6) presence(scene, LOST);
      if (s === 15) presence(scene, CURRENT);
    });
    const lost = scene.alerts.filter(({ kind }) => kind === "link-loss");
    assertEquals(lost.map(({ droneIds }) => droneIds), [["d0"]]);
    assertGreater(lost[0]!.atS, 47.9);
    assertLess(lost[0]!.atS, 49);
  });

  it("is over after as long, whatever becomes of the host's clock meanwhile", () => {
    for (const setBackS of [7, 16.5]) {
      const scene = new Scene(fleet(20, (i, s) => s < 5 || (s >= 15 && i > 0)));
      const setBack = anHourAhead(scene);
      scene.flyTo(60, (s) => {
        if (s === 6) presence(scene, LOST);
        if (s === setBackS) setBack();
        if (s === 16) presence(scene, CURRENT);
      });
      assertEquals(told(scene, "edge-lost"), ["raise critical", "resolve critical"]);
      assertEquals(scene.raised("link-loss").length, 1);
      assertLess(scene.raised("link-loss")[0]![0], 50);
    }
  });

  it("does not keep those that come again through another edge", () => {
    const drones = fleet(20, (_, s) => s < 5);
    const elsewhere = drones.map((drone, i): DroneInit => {
      const at = straight({ eastM: i * 3000, vnMps: 5 });
      return { ...drone, edgeId: "e2", seq: 1000, at: (s) => s < 10 ? null : at(s) };
    });
    const scene = new Scene([...drones, ...elsewhere]);
    scene.flyTo(20, (s) => {
      if (s === 6) presence(scene, LOST);
    });
    assertEquals(scene.raised("link-loss"), []);
    assertEquals(told(scene, "edge-lost"), ["raise critical", "downgrade warning"]);
    assertEquals(scene.alerts.at(-1)!.droneIds, []);
    assertEquals(scene.pipeline.openAlertDrones(), []);
  });

  it("is forgotten after a quarter of an hour when nobody is missed behind it", () => {
    const scene = new Scene(fleet(1, (_, s) => s < 5));
    const setBack = anHourAhead(scene);
    scene.flyTo(7, (s) => {
      if (s === 4.9) presence(scene, LOST);
    });
    const landed = { kind: "battery", slot: 1, seq: 1000, eventTimeUs: scene.nowUs, flags: 0 } as const;
    scene.send([landed], { slots: [{ slot: 1, droneId: "d0" }] });
    scene.flyTo(10);
    setBack();
    assertEquals(scene.pipeline.openAlerts().map(({ kind, severity }) => [kind, severity]), [["edge-lost", "warning"]]);
    scene.nowS = 920;
    scene.flyTo(925);
    assertEquals(scene.pipeline.openAlerts(), []);
  });
});

describe("an edge that is forgotten for others", () => {
  it("takes its alert along, and what is silent behind it is told for itself", () => {
    const elsewhere = (edgeId: string, slot: number, fromS: number): DroneInit => {
      const at = straight({ eastM: -slot * 3000, vnMps: 5 });
      return { droneId: edgeId, slot, edgeId, at: (s) => s < fromS ? null : at(s) };
    };
    const drones = [...fleet(1, (_, s) => s < 5), elsewhere("e2", 8, 0), elsewhere("e3", 9, 12)];
    const scene = new Scene(drones, { edgesMax: 2 });
    scene.flyTo(20, (s) => {
      if (s === 6) presence(scene, LOST);
    });
    assertEquals(told(scene, "edge-lost"), ["raise critical", "resolve critical"]);
    assertEquals(scene.pipeline.openAlerts().map(({ kind, droneIds }) => [kind, droneIds]), [["link-loss", ["d0"]]]);
  });
});

describe("an edge that left with drones in the air", () => {
  it("is told when they find no other, and no more once they have", () => {
    const scene = new Scene(fleet(5, (_, s) => s < 5 || s > 20));
    scene.flyTo(30, (s) => {
      if (s === 5) presence(scene, LEFT);
      if (s === 20) presence(scene, CURRENT);
    });
    assertEquals(scene.raised("link-loss"), []);
    assertEquals(told(scene, "edge-lost"), ["raise critical", "resolve critical"]);
  });

  it("is nobody's business when they have", () => {
    const drones = fleet(5, (_, s) => s < 5);
    const scene = new Scene([
      ...drones,
      ...drones.map((drone, i): DroneInit => {
        const at = straight({ eastM: i * 3000, vnMps: 5 });
        return { ...drone, edgeId: "e2", seq: 1000, at: (s) => s < 6 ? null : at(s) };
      }),
    ]);
    scene.flyTo(20, (s) => {
      if (s === 5) presence(scene, LEFT);
    });
    assertEquals(scene.alerts.filter(({ kind }) => /link-loss|edge-lost/.test(kind)), []);
  });
});

describe("drones that fall silent at an edge that is there", () => {
  it("are told each, as fast as ever, when they are one, or few", () => {
    for (const silent of [1, 9]) {
      const scene = new Scene(fleet(18, (i, s) => s < 5 || i >= silent));
      scene.flyTo(12);
      const raised = scene.raised("link-loss");
      assertEquals(raised.length, silent);
      for (const [atS] of raised) assertLess(atS, 8.1);
      assertEquals(scene.raised("edge-lost"), []);
    }
  });

  it("are told each when they are many, and most are heard", () => {
    const scene = new Scene(fleet(25, (i, s) => s < 5 || i >= 12));
    scene.flyTo(12);
    assertEquals([scene.raised("link-loss").length, scene.raised("edge-lost")], [12, []]);
  });

  it("are one alert about the edge when they are most of its drones, and many", () => {
    const scene = new Scene(fleet(20, (i, s) => s < 5 || s > 30 || i >= 10));
    scene.flyTo(40);
    assertEquals(scene.raised("link-loss"), []);
    assertEquals(told(scene, "edge-lost"), ["raise critical", "resolve critical"]);
    assertLess(scene.raised("edge-lost")[0]![0], 8.1);
  });

  it("are one alert though not all fell silent in the same tenth of a second", () => {
    const scene = new Scene(fleet(20, (i, s) => s < 5 + i / 10 || i >= 12));
    scene.flyTo(15);
    assertEquals([scene.raised("link-loss"), scene.raised("edge-lost").length], [[], 1]);
  });

  it("are told each when few are left once the edge, which was too late to say, keeps up again", () => {
    const scene = new Scene(fleet(20, (i, s) => s < 5 || i >= 12 || (s > 12 && i >= 6)));
    scene.flyTo(25, (s) => {
      if (s === 6) presence(scene, CURRENT, 1500);
      if (s === 14) presence(scene, CURRENT, 0);
    });
    assertEquals(scene.raised("link-loss").length, 6);
  });

  it("are one alert until half as many are left, and then told each", () => {
    const left = (count: number) => {
      const scene = new Scene(fleet(20, (i, s) => s < 5 || i >= 10 || (s > 10 && i >= count)));
      scene.flyTo(25);
      return scene.raised("link-loss").length;
    };
    assertEquals([left(6), left(4)], [0, 4]);
  });

  it("do not hide behind a lost edge of another name", () => {
    const scene = new Scene([
      ...fleet(3, (_, s) => s < 5),
      { droneId: "other", slot: 99, edgeId: "e2", at: (s) => s < 5 ? straight({ eastM: -9000 })(s) : null },
    ]);
    scene.flyTo(12, (s) => {
      if (s === 6) presence(scene, LOST);
    });
    assertEquals(scene.alerts.filter(({ kind }) => kind === "link-loss").map(({ droneIds }) => droneIds), [["other"]]);
    assertEquals(told(scene, "edge-lost"), ["raise critical"]);
  });
});

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
