// The two languages that there are packages of, and how a program in each is run by what is installed.
import type { FlyerSettings } from "./flyer.ts";
import { installedForNode, installedForPython, PYTHON, ROOT } from "./installed.ts";

export type Program = Pick<FlyerSettings, "command" | "env" | "cwd">;

const FLYERS = new URL("tests/clients/flyers/", ROOT);

/** A program of `flyers/`, in Node. @param folder of this run alone */
export async function inNode(name: string, folder: string): Promise<Program> {
  const installed = await installedForNode();
  await Deno.symlink(`${installed}/node_modules`, `${folder}/node_modules`);
  await Deno.copyFile(new URL(`${name}.mjs`, FLYERS), `${folder}/${name}.mjs`);
  return { command: ["node", `${name}.mjs`], cwd: folder };
}

/** The same in Python. */
export async function inPython(name: string, folder: string): Promise<Program> {
  const env = { PYTHONPATH: await installedForPython(folder) };
  return { command: [PYTHON, new URL(`${name}.py`, FLYERS).pathname], env };
}
