// Who may do what over MAVLink: proven once, by the WebSocket's upgrade; a token may be in its query.
import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { MAVLINK_SUBPROTOCOL } from "../../proto/words.ts";
import { positionOf } from "../mavlink/frames.ts";
import { Client, System } from "./system.ts";

let system: System;

async function connect(query: string): Promise<{ client: Client; outcome: string }> {
  const url = `${system.edgeUrl.replace("http", "ws")}/v1/mavlink${query}`;
  const client = new Client(url, MAVLINK_SUBPROTOCOL, await system.proof(null));
  return { client, outcome: await client.outcome };
}

/** The drones that have a link now. */
async function drones(): Promise<string[]> {
  const { mavlink } = await system.see(`${system.edgeUrl}/v1/status`) as { mavlink: { drones: { droneId: string }[] } };
  return mavlink.drones.map(({ droneId }) => droneId);
}

describe("a drone over MAVLink", () => {
  beforeAll(async () => void (system = await System.start()));
  afterAll(async () => await system[Symbol.asyncDispose]());

  it("is the one of its token, whatever its system id, and the token is in no log", async () => {
    const token = await system.authority.token("drone", "d1");
    const { client, outcome } = await connect(`?token=${token}`);
    assertEquals(outcome, "open");
    for (const id of [7, 8]) client.socket.send(positionOf(1000, { system: id }));
    let heard: string[] = [];
    while (heard.length === 0) heard = await drones();
    assertEquals(heard, ["d1"]);
    await client.end();
    assertEquals(system.lines.filter((line) => line.includes(token) || line.includes("token=")), []);
  });

  it("is the one that it names, where its proof is of that one", async () => {
    const token = await system.authority.token("drone", "d2");
    const { client, outcome } = await connect(`?drone=d2&token=${token}`);
    assertEquals(outcome, "open");
    await client.end();
    assertMatch((await connect(`?drone=d3&token=${token}`)).outcome, /403/);
    assertEquals((await system.denied())["foreign-drone"], 1);
  });

  it("is not let in without a proof, nor by a wrong one", async () => {
    assertMatch((await connect("")).outcome, /401/);
    assertMatch((await connect("?token=none")).outcome, /401/);
    const person = await system.authority.token("person", "ann", { role: "viewer" });
    assertMatch((await connect(`?token=${person}`)).outcome, /403/);
  });
});
