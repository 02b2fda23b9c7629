// A thread that publishes losses to a file, line by line, as soon as another file is there.
import type { Broker, LastMessage } from "../../aggregator/sinks/publishing/broker.ts";
import { publishJournal } from "../../aggregator/sinks/publishing/publish_journal.ts";

const PARTITION = "losses/0";

/** `isDeaf`: without that file it does not say what it has either. */
interface Settings {
  path: string;
  gatePath: string;
  isDeaf: boolean;
}

function fileBroker({ path, gatePath, isDeaf }: Settings, journalId: string): Broker {
  const linesOf = async () => (await Deno.readTextFile(path).catch(() => "")).split("\n").slice(0, -1);
  return {
    open: async () => {
      if (isDeaf) await Deno.stat(gatePath);
      const lines = await linesOf();
      const end = BigInt(lines.length);
      const [, index = null, ordinal = null] = /^(\d+)\/(\d+) /.exec(lines.at(-1) ?? "") ?? [];
      const position = index && ordinal ? { index: Number(index), ordinal: Number(ordinal) } : null;
      return new Map<string, LastMessage>([[PARTITION, { end, position, journalId: position && journalId }]]);
    },
    partitionOf: () => PARTITION,
    send: async (messages) => {
      await Deno.stat(gatePath);
      const end = BigInt((await linesOf()).length);
      const lines = messages.map(({ key, position: { index, ordinal } }) => `${index}/${ordinal} ${key}\n`);
      await Deno.writeTextFile(path, lines.join(""), { append: true });
      return new Map([[PARTITION, end]]);
    },
    close: () => Promise.resolve(),
    settleMs: 0,
  };
}

publishJournal(fileBroker);
