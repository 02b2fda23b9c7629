// Logs of PX4: read, or refused in a word; what is read can be flown.
import { readUlog } from "../../../sim/logs/ulog.ts";
import { replayDurationUs, replayPlan } from "../../../sim/replay.ts";
import { px4Flight } from "../../logs/flight.ts";
import { MemoryFile } from "../../logs/memory_file.ts";
import * as topics from "../../logs/topics.ts";
import { type Logged, ulogOf } from "../../logs/ulog_writer.ts";
import { Broken, few, said, type Session, type Target } from "../target.ts";

const AT = {
  latitude_deg: 47.4,
  longitude_deg: 8.5,
  altitude_msl_m: 488,
  fix_type: 3,
  satellites_used: 9,
  vel_ned_valid: 1,
};
const RECEIVED: Logged[] = [
  { topic: topics.RECEIVER, timeUs: 1_000_000, values: AT },
  { topic: topics.SENSOR, timeUs: 1_000_000, values: { max_distance: 40, current_distance: 8, orientation: 24 } },
];
/** Of what is said of a file, the part that quotes nothing of it. */
const KNOWN =
  /nothing in it|the format|Invalid ULog|Unknown (type|msg_id)|Unrecognized|AddLogged|timestamp field|Cannot read \d+ bytes|Offset/;

function open(): Session {
  return {
    run: async (input) => {
      const recording = await read(input);
      if (typeof recording === "string") return recording;
      const settings = { recordings: [recording], speed: 1, copies: 2, bootId: 1 };
      const durationUs = replayDurationUs(settings);
      if (!(durationUs >= 0 && Number.isFinite(durationUs))) throw new Broken(`It lasts ${durationUs} µs`);
      // Longer than that, files are refused.
      if (durationUs > 366 * 86_400e6) return "too long";
      const emissions = replayPlan(settings).begin(0).advance(durationUs);
      for (const emission of emissions) void emission.frame;
      const [positions, batteries, scans] = (["position", "battery", "obstacles"] as const).map((kind) =>
        few(recording.rows.filter((row) => row[kind]).length)
      );
      return `${positions} positions, ${batteries} batteries, ${scans} scans`;
    },
  };
}

async function read(bytes: Uint8Array) {
  try {
    return await readUlog(new MemoryFile(bytes), { droneId: "a", fileName: "a.ulg" });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (/[^ -~]/.test(error.message)) throw new Broken(error.message);
    return KNOWN.exec(error.message)?.[0] ?? said(error);
  }
}

export const ULOG: Target = {
  name: "ulog",
  format: "bytes",
  bytesMax: 4000,
  seeds: () => [ulogOf(px4Flight().slice(0, 9)), ulogOf(RECEIVED)],
  open,
};
