import { assertEquals, assertGreater, assertNotEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { checkpointName, listCheckpoints } from "../../aggregator/journal/checkpoints.ts";
import { readIdentity } from "../../aggregator/journal/identity.ts";
import { listSegments } from "../../aggregator/journal/reader.ts";
import { type AlertKindName } from "../../aggregator/outputs.ts";
import { BeginningRig, type Judge, T0 } from "./beginning_rig.ts";

/** Above any number that alerts from 1 on have. */
const ANEW = T0 / 1e6;
const conflicts: Judge = () => "conflict";
/** The third is another one for this version than it was for the one that told it. */
const otherwise: Judge = (tick) => tick === 3 ? "crowd" : "conflict";

const versions = [["newer", 1], ["older", -1]] as const;

describe("a start with a checkpoint of another version", () => {
  for (const [age, ahead] of versions) {
    it(`that is ${age} reads the whole journal, and gives each alert the number that it had`, async () => {
      using rig = new BeginningRig();
      await rig.fly(5);
      rig.checkpoint(5, ahead);
      const before = rig.rows();
      const { recovered, nextAlertId, nextIndex, journalId } = await rig.start();
      assertEquals([recovered.checkpointIndex, recovered.entries, recovered.isNamedAnew], [null, 5, false]);
      assertEquals(recovered.unreadable.map(({ index }) => index), [5]);
      assertEquals([nextAlertId, nextIndex, rig.rows()], [6, 6, before]);
      assertEquals(before.every(([journal]) => journal === journalId), true);
    });
  }

  it("begins anew when this version numbers otherwise, and leaves what was told as it was", async () => {
    using rig = new BeginningRig();
    await rig.fly(5);
    rig.checkpoint(5, -1);
    const before = rig.rows();
    const { recovered, nextAlertId, nextIndex, journalId } = await rig.start({ judge: otherwise });
    assertEquals([recovered.isNamedAnew, recovered.entries, nextIndex], [true, 5, 6]);
    assertGreater(nextAlertId, ANEW);
    const after = rig.rows();
    assertEquals(after.slice(0, 5), before);
    assertEquals(
      after.slice(5).map(([journal, , kind]) => [journal, kind]),
      [1, 2, 3, 4, 5].map((tick) => [
        journalId,
        otherwise(tick),
      ]),
    );
    assertEquals(new Set(after.map(([, id]) => id)).size, 10, "no number is given twice");
    const again = await rig.start({ judge: otherwise });
    assertEquals([again.journalId, again.nextAlertId, rig.rows()], [journalId, nextAlertId, after]);
  });

  it("begins anew when this version raises fewer: their numbers would be given again", async () => {
    using rig = new BeginningRig();
    await rig.fly(5);
    rig.checkpoint(5, -1);
    const { recovered, nextAlertId } = await rig.start({ judge: (tick) => tick > 4 ? null : "conflict" });
    assertEquals(recovered.isNamedAnew, true);
    assertGreater(nextAlertId, ANEW);
  });

  it("begins anew when nobody knows which alerts were told", async () => {
    using rig = new BeginningRig();
    await rig.fly(5);
    const { journalId } = await rig.start({ isTold: false });
    rig.checkpoint(5, -1);
    const anew = await rig.start({ isTold: false });
    assertNotEquals(anew.journalId, journalId);
    assertGreater(anew.nextAlertId, ANEW);
  });

  it("goes back to its own checkpoint, and begins anew when what came behind it was told otherwise", async () => {
    for (
      const [judge, isNamedAnew] of [[conflicts, false], [
        (tick: number) => tick === 2 ? "crowd" : "conflict",
        true,
      ]] as const
    ) {
      using rig = new BeginningRig();
      await rig.fly(5);
      rig.checkpoint(0);
      rig.checkpoint(4, 1);
      const { recovered } = await rig.start({ judge });
      assertEquals([recovered.checkpointIndex, recovered.isNamedAnew], [0, isNamedAnew]);
    }
  });
});

describe("a start with a journal that lacks its beginning", () => {
  async function cut(ahead: number): Promise<BeginningRig> {
    const rig = new BeginningRig();
    await rig.fly(3);
    await rig.fly(2);
    rig.checkpoint(4, ahead);
    rig.disk.remove(listSegments(rig.disk)[0]!.name);
    return rig;
  }

  it("begins anew with a checkpoint of an older version, under one name until it has one of its own", async () => {
    using rig = await cut(-1);
    const before = rig.rows();
    const { recovered, journalId, nextAlertId, nextIndex } = await rig.start();
    assertEquals([recovered.isNamedAnew, recovered.entries, nextIndex], [true, 2, 6]);
    assertGreater(nextAlertId, ANEW);
    const after = rig.rows();
    assertEquals([after.length, after.slice(0, 5)], [7, before]);
    const again = await rig.start();
    assertEquals([again.journalId, again.nextAlertId, again.recovered.isNamedAnew], [journalId, nextAlertId, false]);
    assertEquals(rig.rows(), after);
    await rig.fly(1);
    assertEquals(rig.rows().at(-1), [journalId, nextAlertId, "conflict"]);
  });

  it("refuses one of a newer version, says what to do, and changes nothing", async () => {
    using rig = await cut(1);
    const [disk, rows] = [rig.disk.list(), rig.rows()];
    const { message } = await assertRejects(() => rig.start(), Error, "Cannot read checkpoint 4: it is of version");
    assertEquals(message.includes("start the version that wrote it, or remove the checkpoint to begin anew"), true);
    assertEquals([rig.disk.list(), rig.rows()], [disk, rows]);
    rig.disk.remove(checkpointName(4));
    assertEquals((await rig.start()).recovered.isNamedAnew, true);
  });

  it("begins anew with a damaged checkpoint, whether or not anybody knows what was told", async () => {
    for (const isTold of [true, false]) {
      using rig = await cut(0);
      const file = rig.disk.read(checkpointName(4));
      file[20]! ^= 1;
      rig.disk.overwrite(checkpointName(4), file);
      const { recovered, nextAlertId } = await rig.start({ isTold });
      assertEquals([recovered.isNamedAnew, recovered.unreadable], [true, [{ index: 4, version: null }]]);
      assertGreater(nextAlertId, ANEW);
    }
  });

  it("goes on with a checkpoint of its own", async () => {
    using rig = await cut(0);
    const before = rig.rows();
    const { recovered, nextIndex, nextAlertId } = await rig.start();
    assertEquals([recovered.checkpointIndex, recovered.entries, recovered.isNamedAnew], [4, 1, false]);
    assertEquals([nextIndex, nextAlertId, rig.rows()], [6, 6, before]);
  });
});

describe("a start with a folder that holds", () => {
  it("a journal of another format is refused, and changes nothing", async () => {
    using rig = new BeginningRig();
    await rig.fly(3);
    const { name } = listSegments(rig.disk)[0]!;
    const bytes = rig.disk.read(name);
    bytes[7] = "2".charCodeAt(0);
    rig.disk.overwrite(name, bytes);
    const before = rig.disk.list();
    await assertRejects(() => rig.start(), Error, `${name} is of format 2, this version reads 1`);
    assertEquals([rig.disk.list(), rig.disk.read(name)], [before, bytes]);
  });

  it("nothing, beside a database with alerts, begins above their numbers", async () => {
    using rig = new BeginningRig();
    await rig.fly(3);
    const before = readIdentity(rig.disk)!.id;
    for (const { name } of rig.disk.list()) rig.disk.remove(name);
    const { journalId, nextAlertId } = await rig.start();
    assertNotEquals(journalId, before);
    assertGreater(nextAlertId, ANEW);
    await rig.fly(2);
    assertEquals(rig.rows().map(([journal]) => journal), [before, before, before, journalId, journalId]);
  });

  it("nothing, beside a database without alerts, begins with number 1", async () => {
    using rig = new BeginningRig();
    const { journalId, nextAlertId, nextIndex } = await rig.start();
    assertEquals([/^journal-\d+$/.test(journalId), nextAlertId, nextIndex], [true, 1, 1]);
  });

  it("checkpoints only, of an older version, gives no entry's number again", async () => {
    using rig = new BeginningRig();
    await rig.fly(3);
    rig.checkpoint(3, -1);
    rig.disk.remove(listSegments(rig.disk)[0]!.name);
    const { nextIndex, recovered } = await rig.start();
    assertEquals([nextIndex, recovered.isNamedAnew], [4, true]);
    assertEquals(listCheckpoints(rig.disk), [3]);
  });

  it("a journal without a name gives it one, and other numbers", async () => {
    using rig = new BeginningRig();
    await rig.fly(3);
    rig.disk.remove("id");
    const { recovered, nextAlertId } = await rig.start();
    assertEquals(recovered.entries, 3);
    assertGreater(nextAlertId, ANEW);
  });
});

describe("alerts that are told again", () => {
  const kinds: AlertKindName[] = ["conflict", "obstacle", "crowd"];

  it("are the same ones though a drone of them was erased", async () => {
    using rig = new BeginningRig();
    await rig.fly(3, { judge: (tick) => kinds[tick - 1]! });
    rig.sink.db.exec("UPDATE alerts SET body = replace(body, 'd-a', 'drone:3f9a2c1b7d')");
    assertEquals((await rig.start({ judge: (tick) => kinds[tick - 1]! })).recovered.isNamedAnew, false);
  });

  it("are others when they are of other drones", async () => {
    using rig = new BeginningRig();
    await rig.fly(3);
    rig.sink.db.exec("UPDATE alerts SET body = replace(body, 'd-a', 'd-c')");
    assertEquals((await rig.start()).recovered.isNamedAnew, true);
  });
});
