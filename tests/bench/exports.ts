// Whether a warning is as fast while somebody has tracks exported: for each the whole journal is read, again and again without a pause,
// once for all drones and once for a single one, of which there is little to be sent.
import type { BenchSettings, Comparison } from "./comparison.ts";
import { compareWarningsBeside } from "./warnings_beside.ts";

const DRONES = ["", "&drone=drone-0001"];

export function compareExports(settings: BenchSettings): Promise<Comparison[]> {
  let [exports, bytes] = [0, 0];
  return compareWarningsBeside({
    ...{ name: "tracks exported", without: "nobody exports" },
    beside: async ([, aggregator], signal) => {
      while (!signal.aborted) bytes += await exportTracks(aggregator!, DRONES[exports++ % DRONES.length]!);
    },
    done: () => {
      if (bytes === 0) throw new Error("Cannot trust the cost of exports: there was nothing in them");
      return `${exports} exports of ${(bytes / 1e6).toFixed(0)} MB in all`;
    },
  }, settings);
}

/** @returns bytes */
async function exportTracks(url: string, drone: string): Promise<number> {
  const response = await fetch(`${url}/v1/export/tracks?from=0&to=${Date.now() * 1000}${drone}`);
  let bytes = 0;
  for await (const piece of response.body!) bytes += piece.length;
  if (!response.ok) throw new Error(`Cannot export tracks: ${response.status}`);
  return bytes;
}
