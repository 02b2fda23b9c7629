// Recorded flights in CSV: read, or refused with the lines that are wrong; what is read can be flown.
import { readRecordings } from "../../../sim/recording.ts";
import { replayDurationUs, replayPlan } from "../../../sim/replay.ts";
import { Broken, few, said, type Session, type Target } from "../target.ts";

const FLIGHT = `t_ms,drone_id,lat_deg,lon_deg,alt_m,vn_mps,ve_mps,vd_mps,battery_v,battery_pct
34,drone-1,47.3976880,8.5455895,429.94,-0.02,-0.05,-0.01,,
145,drone-1,,,,,,,23.33,60.80
500,drone-2,-89.9,179.9999999,,,,,,`;
const BATTERY = `t_s,drone_id,voltage_v,current_a,consumed_mah
0,drone-1,16.2,11.5,0
1.5,drone-1,16.1,,12`;
const SEEDS = [FLIGHT, BATTERY, FLIGHT.replaceAll("\n", "\r\n")].map((text) => new TextEncoder().encode(text));
const WORDS = ["90", "-90", "180", "100000", "1e15", "drone-1", "t_ms", "0.00000001"];

function open(): Session {
  return {
    run: (input) => {
      const recordings = read(new TextDecoder().decode(input));
      if (typeof recordings === "string") return recordings;
      const settings = { recordings, speed: 1, copies: 2, bootId: 1 };
      const durationUs = replayDurationUs(settings);
      if (!Number.isFinite(durationUs)) throw new Broken(`It lasts ${durationUs} µs`);
      const emissions = replayPlan(settings).begin(0).advance(durationUs);
      for (const { records } of emissions) {
        for (const { body } of records) {
          if (body.case !== "position") continue;
          if (!Number.isInteger(body.value.latE7) || Math.abs(body.value.latE7) > 2 ** 31) {
            throw new Broken(`${body.value.latE7}`);
          }
        }
      }
      return `${few(recordings.length)} flights, ${few(emissions.length)} records`;
    },
  };
}

function read(text: string) {
  try {
    return readRecordings(text, "flight.csv");
  } catch (error) {
    if (error instanceof SyntaxError) return whatIsWrong(error);
    throw error;
  }
}

// Without the cells, which may be anything.
function whatIsWrong({ message }: SyntaxError): string {
  const [first = "", ...rest] = message.split("\n");
  const known = /header|cells instead|not a number|not within|is empty|has \d+ bytes|no rows/.exec(first)?.[0];
  return `${known && said(known)}, ${few(rest.length)} more`;
}

export const FLIGHTS: Target = {
  name: "flights",
  format: "text",
  bytesMax: 20_000,
  words: WORDS,
  seeds: () => SEEDS,
  open,
};
