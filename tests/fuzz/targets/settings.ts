// Settings of both processes, a line each: taken, or refused with everything that is wrong.
import { AGGREGATOR_SETTINGS, readAggregatorConfig } from "../../../aggregator/config.ts";
import { EDGE_SETTINGS, readEdgeConfig } from "../../../edge/config.ts";
import { openFilesMax } from "../../../platform/open_files.ts";
import { said, type Target } from "../target.ts";

const VALUES = [
  "0",
  "1",
  "8080",
  "127.0.0.1",
  "ws://127.0.0.1:1/v1/uplink",
  "a,b",
  "edge-1",
  "https://a.example",
  ":memory:",
];
const NAMES = [...new Set([...Object.keys(EDGE_SETTINGS), ...Object.keys(AGGREGATOR_SETTINGS)])];
const READERS = { edge: readEdgeConfig, aggregator: readAggregatorConfig };

function seeds(): Uint8Array[] {
  const lines = NAMES.flatMap((name) => VALUES.map((value) => `${name}=${value}`));
  return lines.map((line, i) => new TextEncoder().encode(`${line}\n${lines[(i * 7) % lines.length]}`));
}

function outcomeOf(read: (env: Record<string, string>) => unknown, env: Record<string, string>): string {
  try {
    read(env);
    return "taken";
  } catch (error) {
    // What is wrong with a setting is said as a whole; anything else is not meant for people.
    if (error instanceof TypeError && error.message.startsWith("Cannot start the ")) return said(error);
    throw error;
  }
}

export const SETTINGS: Target = {
  ...{ name: "settings", format: "text", bytesMax: 8192, words: [...NAMES, ...VALUES] },
  seeds,
  open: () => ({
    run: (input) => {
      const text = new TextDecoder().decode(input);
      const pairs = text.split("\n").map((line) => line.split("="));
      const env = Object.fromEntries(pairs.map(([name = "", ...value]) => [name, value.join("=")]));
      const outcomes = Object.entries(READERS).map(([name, read]) => `${name} ${outcomeOf(read, env)}`);
      return `${outcomes.join(", ")}, ${openFilesMax(text) === null ? "no" : "some"} limit`;
    },
  }),
};
