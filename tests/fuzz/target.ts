// What is fuzzed: something that takes bytes of a stranger, and says in a word or two what came of them.
import type { Random } from "../../sim/random.ts";

export interface Target {
  name: string;
  /** What its inputs are made of, and so how they are changed. */
  format: "protobuf" | "text" | "bytes";
  bytesMax: number;
  /** What texts are made of, besides what stands in the seeds. */
  words?: readonly string[];
  /** Inputs that a session sees before it is replaced by a new one: what it keeps is no leak. */
  sessionExecutions?: number;
  /** Valid inputs, of every kind there is. */
  seeds: (random: Random) => Uint8Array[];
  open: (options: SessionOptions) => Session | Promise<Session>;
}

export interface SessionOptions {
  /** Every input is compared with a reference that takes long; else some are. */
  comparesAll: boolean;
}

/** The system under test, in a state that the inputs so far have left it in. */
export interface Session {
  /** What came of it, one of a few outcomes that are expected. Throws what is not. */
  run: (input: Uint8Array) => string | Promise<string>;
  /** Of WebAssembly; must never change. */
  memoryBytes?: () => number;
  close?: () => void;
}

/** A target that breaks a promise says so. */
export class Broken extends Error {
  override name = "Broken";
}

/** 0, 1, some: outcomes are told apart by what happened, not by how often. */
export function few(count: number): string {
  return count < 2 ? `${count}` : "n";
}

/** What an expected error says, without what varies. */
export function said(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, "…").replaceAll(/-?\d[\d.e+]*/g, "#").split("\n")[0]!.slice(
    0,
    80,
  );
}
