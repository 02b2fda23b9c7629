// deno.lock, as a release looks at it: every package by its exact version, and what it needs.
import { z } from "zod";

/** A package, at one version. */
export interface Package {
  /** NAME@VERSION. */
  id: string;
  name: string;
  version: string;
  /** As in subresource integrity: the algorithm, and the hash in Base64. */
  integrity: string;
  /** Ids of what it needs, those for other machines than this included. */
  needs: string[];
}

export interface Lock {
  /** By id. */
  packages: Map<string, Package>;
  /** Ids by what asks for them, such as npm:hono@4.13.19. */
  asked: Map<string, string>;
}

const LockFile = z.strictObject({
  version: z.literal("5"),
  specifiers: z.record(z.string(), z.string()),
  npm: z.record(
    z.string(),
    z.object({
      integrity: z.string(),
      dependencies: z.array(z.string()).default([]),
      optionalDependencies: z.array(z.string()).default([]),
      optionalPeers: z.array(z.string()).default([]),
    }),
  ),
  workspace: z.unknown(),
});

/** @throws {TypeError} when it has another form, or names what is not in it */
export function parseLock(text: string): Lock {
  const { success, data, error } = LockFile.safeParse(JSON.parse(text));
  if (!success) throw new TypeError(`Cannot read deno.lock: ${z.prettifyError(error)}`);
  const packages = new Map<string, Package>();
  const byName = new Map<string, string[]>();
  for (const [key, { integrity, ...needs }] of Object.entries(data.npm)) {
    const id = withoutPeers(key);
    const [name, version] = parted(id);
    packages.set(id, { id, name, version, integrity, needs: Object.values(needs).flat() });
    byName.set(name, [...byName.get(name) ?? [], id]);
  }
  // A version is only said of packages that are there in several.
  const resolved = (said: string) => {
    const key = withoutPeers(said.replace(/^.+@npm:/, ""));
    const [only, ...others] = byName.get(key) ?? [];
    const id = packages.has(key) ? key : others.length === 0 ? only : undefined;
    if (id === undefined) throw new TypeError(`Cannot read deno.lock: ${said} is not in it`);
    return id;
  };
  // Peers that nobody brings are named all the same.
  const optional = new Set(Object.values(data.npm).flatMap(({ optionalPeers }) => optionalPeers));
  for (const one of packages.values()) {
    const there = one.needs.filter((said) => !optional.has(said) || byName.has(parted(withoutPeers(said))[0]));
    one.needs = [...new Set(there.map(resolved))].sort();
  }
  const asked = new Map(
    Object.entries(data.specifiers).map(([specifier, version]) => {
      const [name] = parted(specifier.replace(/^npm:/, ""));
      return [specifier, resolved(`${name}@${version}`)];
    }),
  );
  return { packages, asked };
}

/** These, and all that they need. */
export function closureOf({ packages }: Lock, ids: Iterable<string>): Set<string> {
  const found = new Set<string>();
  const left = [...ids];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    left.push(...packages.get(id)?.needs ?? []);
  }
  return found;
}

// NAME@VERSION_PEER@VERSION: by which peers it was resolved.
function withoutPeers(key: string): string {
  const at = key.indexOf("@", 1);
  const end = at < 0 ? -1 : key.indexOf("_", at);
  return end < 0 ? key : key.slice(0, end);
}

function parted(id: string): [name: string, version: string] {
  const at = id.indexOf("@", 1);
  return at < 0 ? [id, ""] : [id.slice(0, at), id.slice(at + 1)];
}
