// How long the first record takes, in a process in which nothing of MAVLink is compiled yet.
const SCRIPT = new URL("./first_record.ts", import.meta.url).pathname;

/** What first_record.ts says, in a process of its own. */
export async function firstRecordMs(): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--quiet", "--no-check", SCRIPT] });
  const { success, stdout, stderr } = await command.output();
  const said = new TextDecoder().decode(success ? stdout : stderr);
  if (!success || said === "") throw new Error(`Cannot measure: ${said}`);
  return Number(said);
}
