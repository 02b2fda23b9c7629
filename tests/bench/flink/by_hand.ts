// The DataStream job beside this file, compiled against what flink/ has built: it needs no versions of its own.
import { Command } from "../../e2e/command.ts";
import { FLINK } from "../../flink/cluster.ts";

const SOURCES = new URL("by_hand/", import.meta.url).pathname;

export const BY_HAND = "slipstream.byhand.ByHand";

/** @returns the jar, in a folder that is made for it. @throws {Error} with what the compiler says */
export async function buildByHand(folder: string): Promise<string> {
  const sources = [...Deno.readDirSync(SOURCES)].map(({ name }) => SOURCES + name);
  const classpath = `${FLINK}target/slipstream-flink.jar:${FLINK}target/lib/*`;
  await must("javac", ["-d", `${folder}/classes`, "-cp", classpath, ...sources]);
  const jar = `${folder}/by-hand.jar`;
  await must("jar", ["--create", "--file", jar, "-C", `${folder}/classes`, "."]);
  return jar;
}

async function must(command: string, args: string[]): Promise<void> {
  const { code, stderr } = await new Command(command, args).output();
  if (code !== 0) throw new Error(`Cannot build the job by hand: ${stderr}`);
}
