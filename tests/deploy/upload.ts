// What `deno deploy` would upload, in a folder of its own: what git does not ignore, as far as the deploy block includes it.
import { dirname, join } from "node:path";
import { type DeployBlock, isUploaded, readDeployBlock } from "./deploy_block.ts";
import { run } from "./run.ts";

/** The files of one upload. */
export interface Upload {
  folder: string;
  block: DeployBlock;
  files: string[];
  bytes: number;
  /** As they travel. */
  gzipBytes: number;
}

/** @param root of a git repository; what has not been committed goes up as well, as with `deno deploy` */
export async function assemble(root: string, folder: string): Promise<Upload> {
  const block = readDeployBlock(await Deno.readTextFile(join(root, "deno.json")));
  const listed = await run("git", { args: ["ls-files", "-coz", "--exclude-standard"], cwd: root });
  if (listed.code !== 0) throw new Error(`Cannot list the files of ${root}: ${listed.stderr}`);
  const files = listed.stdout.split("\0").filter((path) => path !== "" && isUploaded(path, block)).sort();
  let bytes = 0;
  const contents: Uint8Array<ArrayBuffer>[] = [];
  for (const path of files) {
    const content = await Deno.readFile(join(root, path));
    bytes += content.length;
    contents.push(content);
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeFile(join(folder, path), content);
  }
  return { folder, block, files, bytes, gzipBytes: await gzipBytes(contents) };
}

async function gzipBytes(contents: Uint8Array<ArrayBuffer>[]): Promise<number> {
  const packed = ReadableStream.from(contents).pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).arrayBuffer()).byteLength;
}
