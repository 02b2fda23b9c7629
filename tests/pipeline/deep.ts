// Looks for values anywhere in plain data, in what is packed within it as well.
import { thaw } from "../../aggregator/pipeline/windows/frozen.ts";

/** Paths at which a value is found that fits; those within a packed block as well. */
export function findDeep(value: unknown, fits: (value: string | number) => boolean, path = ""): string[] {
  if (typeof value === "string" || typeof value === "number") return fits(value) ? [`${path}: ${value}`] : [];
  if (value instanceof Uint8Array) return findDeep(unpacked(value as Uint8Array<ArrayBuffer>), fits, `${path}!`);
  if (ArrayBuffer.isView(value)) return findDeep(Array.from(value as unknown as Float64Array), fits, path);
  if (value instanceof Map) return findDeep([...value], fits, path);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [
    ...fits(name) ? [`${path}/${name}`] : [],
    ...findDeep(part, fits, `${path}/${name}`),
  ]);
}

function unpacked(bytes: Uint8Array<ArrayBuffer>): unknown {
  try {
    return thaw(bytes);
  } catch {
    return Array.from(bytes);
  }
}
