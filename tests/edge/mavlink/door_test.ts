import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { sources } from "../../style/sources.ts";
import { StillEdge } from "../still_rig.ts";
import { Peer } from "./peer.ts";

describe("the door for MAVLink", () => {
  it("has neither its links nor their WebAssembly loaded before somebody knocks", async () => {
    const inEdge = (await sources()).filter(({ path }) => /^edge\/.*\.ts$/.test(path));
    const LOADED = /^(edge\/ingest\/mavlink\/links?|wasm\/mavlink)\.ts$/;
    const imports = inEdge.filter(({ path }) => !LOADED.test(path)).flatMap(({ path, text }) =>
      [...text.matchAll(/^import (?!type)[^"]*"([^"]*)"/gm)].map(([, from]) => `${path}: ${from}`)
    );
    assert(imports.length > 100);
    assertEquals(imports.filter((line) => /mavlink\/(links?|sandbox|warning)\.ts|wasm\/mavlink\.ts/.test(line)), []);
  });

  it("is the same for all who come", async () => {
    const rig = await StillEdge.start();
    assertEquals(await rig.edge.mavlink.open(), await rig.edge.mavlink.open());
    await rig.stop();
  });

  it("lets in no more than there are places for", async () => {
    const rig = await StillEdge.start({ connectionsMax: 1 });
    const [first, second] = [await Peer.open(rig), await Peer.open(rig)];
    assertEquals([first.closed, second.closed?.code], [null, 1001]);
    await rig.stop();
  });

  it("says good-bye when the edge stops", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.open(rig);
    await rig.stop(1000);
    assertEquals(peer.closed?.code, 1001);
  });
});
