import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { StillEdge } from "../still_rig.ts";
import { Peer } from "./peer.ts";

describe("the door for MAVLink", () => {
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
