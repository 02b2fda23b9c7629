import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { fleet, presence, told } from "./edge_scene.ts";
import { type DroneInit, S, Scene, straight } from "./scene.ts";

const { CURRENT, BEHIND, LOST, LEFT } = EdgePresence;

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
    assertGreater(resolved!.atS, 17.9);
    assertLess(resolved!.atS, 19);
    assertEquals(scene.pipeline.openAlertDrones(), []);
  });

  it("hides no drone that is lost while it delivers what it kept: what it tells of now is told at once", () => {
    // Its bulk waits for a disk; its positions do not.
    const scene = new Scene(fleet(20, (i, s) => i !== 3 || s < 10));
    scene.flyTo(20, (s) => {
      if (s === 6) presence(scene, BEHIND);
    });
    assertEquals(scene.raised("link-loss").length, 1);
    assertEquals(told(scene, "edge-lost"), []);
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

  it("ends as critical as it was when they land on its return", () => {
    const scene = new Scene(fleet(3, (_, s) => s < 5 || (s >= 8 && s < 10)));
    scene.flyTo(20, (s) => {
      if (s === 5) presence(scene, LOST);
      if (s === 9) presence(scene, CURRENT);
      if (s !== 10) return;
      for (const slot of [1, 2, 3]) {
        scene.send([{ kind: "battery", slot, seq: 1000, eventTimeUs: scene.nowUs, flags: 0 }]);
      }
    });
    assertEquals(told(scene, "edge-lost"), ["raise critical", "resolve critical"]);
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

  it("are told each however many have been told before, one after the other", () => {
    const scene = new Scene(fleet(20, (i, s) => s < 5 + 4 * Math.floor(i / 4) || i >= 16));
    scene.flyTo(30);
    assertEquals([scene.raised("link-loss").length, scene.raised("edge-lost")], [16, []]);
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

  it("are none of those that tell each five seconds, however many of them are between two reports", () => {
    const isHeard = (i: number, s: number) => Math.round(s * 10) % 50 === i * 4;
    const scene = new Scene(fleet(12, (i, s) => isHeard(i, s) && (s < 40 || i > 0)));
    scene.flyTo(60);
    // How often they tell is known from the second time on.
    const told = scene.alerts.filter(({ kind, transition, atS }) =>
      atS > 15 && transition !== "resolve" && /link-loss|edge-lost/.test(kind)
    );
    assertEquals(told.map(({ kind, droneIds }) => [kind, ...droneIds]), [["link-loss", "d0"]]);
  });

  it("did not while it was us who were away: nobody is told for the time before", () => {
    const scene = new Scene(fleet(20, (i, s) => s < 10 || i < 10 || s >= 21));
    scene.flyTo(10);
    scene.nowS = 20;
    scene.flyTo(30);
    assertEquals(scene.alerts, []);
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
