// The block `deploy` of deno.json, as `deno deploy` and the platform read it: which files go up, and what is run of them.
import { z } from "zod";

/** A file, or a folder with a slash at its end. Patterns are not read here: whoever needs one must teach them to this file. */
const place = z.string().regex(/^[\w.-]+(\/[\w.-]+)*\/?$/, "must be a file or a folder/");

const DeployBlock = z.strictObject({
  include: z.array(place).min(1),
  exclude: z.array(place),
  runtime: z.strictObject({
    type: z.literal("dynamic"),
    entrypoint: place,
    /** In MB. */
    memoryLimit: z.number().int(),
  }),
});

export type DeployBlock = z.infer<typeof DeployBlock>;

/** @throws {TypeError} saying all that is wrong with it */
export function readDeployBlock(denoJson: string): DeployBlock {
  const { success, data, error } = DeployBlock.safeParse(JSON.parse(denoJson).deploy);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `deploy.${path.join(".")}: ${message}`);
  throw new TypeError(`Cannot read the deploy block of deno.json:\n  ${problems.join("\n  ")}`);
}

/** Whether a file goes up; `path`: from the root, with slashes. */
export function isUploaded(path: string, { include, exclude }: Pick<DeployBlock, "include" | "exclude">): boolean {
  const isIn = (places: string[]) =>
    places.some((place) => place.endsWith("/") ? path.startsWith(place) : path === place);
  return isIn(include) && !isIn(exclude);
}
