// Two vehicles, systems 7 and 8, that software of others flies toward each other, until both are warned in their own language.
import { assert, assertEquals, assertGreater, assertGreaterOrEqual } from "@std/assert";
import type { PositionView } from "../../aggregator/views.ts";
import { Command } from "./command.ts";
import { type System, until } from "./system.ts";

/** A way into the edge that pymavlink can take, and what it calls it; without a setting it is there anyway. */
export interface Way {
  name: string;
  setting?: "SLIPSTREAM_MAVLINK_UDP_PORT" | "SLIPSTREAM_MAVLINK_TCP_PORT";
  connection: (port: string) => string;
}

export const UDP = {
  name: "UDP",
  setting: "SLIPSTREAM_MAVLINK_UDP_PORT",
  connection: (port) => `udpout:127.0.0.1:${port}`,
} satisfies Way;
export const TCP = {
  name: "TCP",
  setting: "SLIPSTREAM_MAVLINK_TCP_PORT",
  connection: (port) => `tcp:127.0.0.1:${port}`,
} satisfies Way;
export const WEBSOCKET = {
  name: "WebSocket",
  connection: (port) => `ws:127.0.0.1:${port}:/v1/mavlink`,
} satisfies Way;

/** What a vehicle has sent, and heard. */
interface Flown {
  sent: PositionView[];
  heard: {
    mavpackettype: string;
    system: number;
    signed: boolean;
    text?: string;
    threat_level?: number;
    time_to_minimum_delta?: number;
  }[];
}

/** Who has flown, by drone id. */
export type Encounter = Record<string, Flown>;

const clients = new URL("./clients/", import.meta.url).pathname;

/** Runs a script of clients/ to its end. */
export async function encounter(script: string, args: string[]): Promise<Encounter> {
  const { code, stdout, stderr } = await new Command("python3", [`${clients}${script}`, ...args]).output();
  assertEquals(code, 0, stderr);
  // What it works with may have written something before.
  const flown = Object.entries(JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, Flown>);
  return Object.fromEntries(flown.map(([system, of]) => [`mav-${system}`, of]));
}

/**
 * Each vehicle's last position and its battery have arrived field for field, and it has been warned of the other one.
 *
 * @param isTimed its event times are those that it has said, not those of their arrival
 */
export async function checkEncounter(
  system: System,
  encounter: Encounter,
  { isSigned = false, isTimed = true, currentCa = 1234 as number | null } = {},
): Promise<void> {
  assertEquals(Object.keys(encounter), ["mav-7", "mav-8"]);
  for (const [droneId, { sent, heard }] of Object.entries(encounter)) {
    const last = sent.at(-1)!;
    await until(`the last position of ${droneId} is known`, async () => {
      return (await system.drone(droneId)).position?.latDeg === last.latDeg;
    });
    const { position, batteries } = await system.drone(droneId);
    const eventTimeUs = isTimed ? last.eventTimeUs : position!.eventTimeUs;
    assertEquals(position, { ...last, eventTimeUs });
    // Where only its arrival tells it: within what a busy machine makes of it.
    assertGreater(5e6, Math.abs(eventTimeUs - last.eventTimeUs));
    const battery = batteries.map(({ id, voltageMv, currentCa, remainingCpct }) => [
      id,
      voltageMv,
      currentCa ?? null,
      remainingCpct,
    ]);
    assertEquals(battery, [[0, 12_270, currentCa, 8700]]);
    const ours = heard.filter(({ system }) => system === 254);
    assertEquals(ours.map(({ signed }) => signed), ours.map(() => isSigned));
    const collision = ours.find(({ mavpackettype }) => mavpackettype === "COLLISION");
    assertGreaterOrEqual(collision?.threat_level ?? 0, 1);
    assertGreater(collision?.time_to_minimum_delta ?? 0, 0);
    const texts = ours.filter(({ mavpackettype }) => mavpackettype === "STATUSTEXT").map(({ text }) => text!);
    const other = droneId === "mav-7" ? "mav-8" : "mav-7";
    assert(texts.some((text) => text.includes(other)), `${droneId} has heard ${texts.join("; ")}`);
  }
  const { mavlink, warnings, records } = await system.status();
  assertEquals([mavlink.radio.lost, mavlink.frames.unsigned, warnings.acknowledged], [0, 0, 0]);
  assertEquals(warnings.delivered, warnings.sent);
  assertGreaterOrEqual(warnings.sent, 2);
  assertEquals([records.malformed, records.refused], [0, 0]);
}
