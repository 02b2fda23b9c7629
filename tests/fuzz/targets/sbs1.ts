// A receiver of ADS-B: any bytes. Cut in two they say the same, and nothing that they say of an aircraft is impossible.
import { Lines } from "../../../edge/ingest/sbs1/lines.ts";
import { readSbs1 } from "../../../edge/ingest/sbs1/message.ts";
import { Sbs1Picture } from "../../../edge/ingest/sbs1/picture.ts";
import type { Traffic } from "../../../wasm/mavlink/traffic.ts";
import { lineOf, MOTION, PLACE } from "../../edge/traffic/lines_of.ts";
import { Broken, type Session, type Target } from "../target.ts";

const LINES = [
  lineOf({ kind: 1, callsign: "SWR12" }),
  lineOf(PLACE),
  lineOf({ ...PLACE, altitude: "-25H" }),
  lineOf(MOTION),
  lineOf({ ...PLACE, kind: 2, speed: "12.5", track: "359.9" }),
  `${lineOf(MOTION)}\r\n${lineOf({ ...PLACE, ground: "-1" })}`,
  "STA,,5,179,400AE7,10103",
];
const SEEDS = LINES.map((line) => new TextEncoder().encode(`${line}\r\n`));
const WORDS = ["MSG,3,", "4CA123", "47.39774", "-1", "H", ",,", "\r\n", "1e9", "NaN"];

interface Said {
  lines: number;
  messages: number;
  traffic: Traffic[];
}

function open(): Session {
  return {
    run: (input) => {
      const middle = input.length >> 1;
      const [whole, cut] = [said([input]), said([input.subarray(0, middle), input.subarray(middle)])];
      if (JSON.stringify(whole) !== JSON.stringify(cut)) throw new Broken("It says something else where it is cut");
      for (const aircraft of whole.traffic) judge(aircraft);
      const last = whole.traffic.at(-1);
      const facts = [last?.altitude?.above, last?.speedCms === null, last?.name === null, last?.airborne];
      return [Math.min(2, whole.lines), Math.min(2, whole.messages), ...facts].join(" ");
    },
  };
}

function said(pieces: Uint8Array[]): Said {
  const [lines, picture, all] = [new Lines(), new Sbs1Picture(), { lines: 0, messages: 0, traffic: [] as Traffic[] }];
  for (const piece of pieces) {
    lines.push(piece, (line) => {
      all.lines++;
      const message = line === null ? null : readSbs1(line);
      if (!message) return;
      all.messages++;
      const traffic = picture.take(message, 0);
      if (traffic) all.traffic.push(traffic);
    });
  }
  return all;
}

function judge({ address, latE7, lonE7, altitude, trackCdeg, speedCms, climbCms, name }: Traffic): void {
  const numbers = [latE7, lonE7, altitude?.mm ?? 0, trackCdeg ?? 0, speedCms ?? 0, climbCms ?? 0];
  if (!numbers.every(Number.isSafeInteger)) throw new Broken(`numbers ${numbers}`);
  if (!/^[0-9a-f]{6}$/.test(address) || (name?.length ?? 0) > 8) throw new Broken(`${address} ${name}`);
  if (Math.abs(latE7) > 9e8 || Math.abs(lonE7) > 1.8e9) throw new Broken(`at ${latE7}, ${lonE7}`);
  if ((trackCdeg ?? 0) < 0 || (trackCdeg ?? 0) > 36_000) throw new Broken(`track ${trackCdeg}`);
}

export const SBS1: Target = { name: "sbs1", format: "text", bytesMax: 2048, words: WORDS, seeds: () => SEEDS, open };
