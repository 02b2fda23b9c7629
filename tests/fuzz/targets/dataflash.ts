// Logs of ArduPilot: read, or refused in a word; what is read can be flown.
import { isDataflash } from "../../../sim/logs/dataflash.ts";
import { readDataflash } from "../../../sim/logs/ardupilot.ts";
import { replayDurationUs, replayPlan } from "../../../sim/replay.ts";
import { BAT, dataflashOf, GPA, GPS, type Logged, POS } from "../../logs/dataflash_writer.ts";
import { Broken, few, said, type Session, type Target } from "../target.ts";

const AT = { Lat: -353_632_621, Lng: 1_491_652_374, Alt: 58_412, Status: 3, NSats: 10, Spd: 10, GCrs: 270 };
const FLIGHT: Logged[] = [
  { kind: GPA, values: { TimeUS: 900_000, HAcc: 75, VAcc: 125 } },
  { kind: POS, values: { TimeUS: 950_000, RelHomeAlt: 8.5 } },
  { kind: GPS, values: { ...AT, TimeUS: 1_000_000 } },
  { kind: BAT, values: { TimeUS: 1_000_000, Volt: 15.25, Curr: 12.5, Temp: 3150, RemPct: 81 } },
];

function open(): Session {
  return {
    run: (input) => {
      const recording = read(Uint8Array.from(input));
      if (typeof recording === "string") return recording;
      const settings = { recordings: [recording], speed: 1, copies: 2, bootId: 1 };
      const durationUs = replayDurationUs(settings);
      if (!(durationUs >= 0 && Number.isFinite(durationUs))) throw new Broken(`It lasts ${durationUs} µs`);
      const emissions = replayPlan(settings).begin(0).advance(durationUs);
      for (const emission of emissions) void emission.frame;
      const batteries = recording.rows.filter(({ battery }) => battery).length;
      return `${few(recording.rows.length - batteries)} positions, ${few(batteries)} batteries`;
    },
  };
}

function read(bytes: Uint8Array<ArrayBuffer>) {
  try {
    return readDataflash(bytes, { droneId: "a", fileName: "a.bin" });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (isDataflash(bytes) === error.message.endsWith("it is no log of ArduPilot")) throw new Broken(error.message);
    return said(error);
  }
}

export const DATAFLASH: Target = {
  name: "dataflash",
  format: "bytes",
  bytesMax: 4000,
  seeds: () => [dataflashOf(FLIGHT), dataflashOf(FLIGHT.slice(2, 3)), dataflashOf(FLIGHT.slice(3))],
  open,
};
