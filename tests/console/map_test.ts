// The console's map without a browser: what it draws, as calls of a canvas.
import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { FleetDrones } from "../../aggregator/console/drones.js";
import { FleetMap } from "../../aggregator/console/map.js";

interface Line {
  from: number[];
  to: number[];
  dash: number[];
}

/** A canvas whose context keeps the straight lines that are drawn on it, with the dashes they have. */
function recordingCanvas() {
  const lines: Line[] = [];
  let dash: number[] = [];
  let path: number[][] = [];
  const known: Record<string, unknown> = {
    beginPath: () => path = [],
    moveTo: (...at: number[]) => path.push(at),
    lineTo: (...at: number[]) => path.push(at),
    setLineDash: (of: number[]) => dash = of,
    stroke: () => {
      if (path.length === 2) lines.push({ from: path[0]!, to: path[1]!, dash });
    },
    measureText: () => ({ width: 0 }),
  };
  const context = new Proxy(known, { get: (target, name) => target[String(name)] ?? (() => {}) });
  const listen = () => {};
  return {
    lines,
    canvas: {
      clientWidth: 800,
      clientHeight: 600,
      dataset: {},
      setAttribute: listen,
      getContext: () => context,
      addEventListener: listen,
    },
  };
}

const globals: Record<string, unknown> = {
  matchMedia: () => ({ addEventListener: () => {} }),
  ResizeObserver: class {
    observe() {}
  },
  getComputedStyle: () => ({ getPropertyValue: () => "" }),
  document: {},
  devicePixelRatio: 1,
};

describe("FleetMap.showAlerts", () => {
  let frames: (() => void)[] = [];
  beforeEach(() => {
    frames = [];
    Object.assign(globalThis, globals, { requestAnimationFrame: (draw: () => void) => frames.push(draw) });
  });
  afterEach(() => {
    for (const name of [...Object.keys(globals), "requestAnimationFrame"]) Reflect.deleteProperty(globalThis, name);
  });

  function drawn(conflicts: { droneIds: string[]; severity: string }[]): Line[] {
    const { lines, canvas } = recordingCanvas();
    const drones = new FleetDrones();
    const map = new FleetMap(canvas, { drones, onPick: () => {} });
    // Half a kilometre from one to the next, in a row from west to east, at rest.
    const rows = ["a", "b", "c"].map((id, i) => [id, 50, 8 + i * 0.007, 100, null, 1, 80, 0, 0, null]);
    drones.update({ drones: rows, gone: [], snapshotOf: "journal-1" });
    map.showAlerts({ conflicts, severities: new Map() });
    for (const draw of frames.splice(0)) draw();
    return lines;
  }

  it("joins the drones of each conflict, dashed while it is a warning", () => {
    const lines = drawn([
      { droneIds: ["a", "b"], severity: "warning" },
      { droneIds: ["c", "b"], severity: "critical" },
    ]);
    assertEquals(lines.length, 2);
    const [warning, critical] = lines as [Line, Line];
    assertEquals([warning.dash.length > 0, critical.dash], [true, []]);
    assertEquals([warning.to, warning.from[0]! < warning.to[0]!], [critical.to, true]);
    assertEquals(critical.from[0]! > critical.to[0]!, true);
  });

  it("draws the critical ones alone where there are hundreds", () => {
    const many = Array.from({ length: 201 }, () => ({ droneIds: ["a", "b"], severity: "warning" }));
    assertEquals(drawn(many.slice(1)).length, 200);
    assertEquals(drawn([...many, { droneIds: ["c", "b"], severity: "critical" }]).length, 1);
  });

  it("draws no line to a drone that it does not know, and none without conflicts", () => {
    assertEquals(drawn([{ droneIds: ["a", "stranger"], severity: "critical" }]), []);
    assertEquals(drawn([]), []);
  });
});
