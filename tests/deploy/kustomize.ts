// What kustomize makes of a folder, and whether Kubernetes would take it.
import { assertEquals } from "@std/assert";
import { parseAllDocuments } from "yaml";
import { tool } from "../identity/tools.ts";
import { KUBERNETES } from "./tools.ts";

// deno-lint-ignore no-explicit-any -- manifests of many kinds, looked at here and there
export type Manifest = any;

export interface Built {
  text: string;
  manifests: Manifest[];
}

export async function build(folder: string): Promise<Built> {
  const { code, out, err } = await tool(`${KUBERNETES}/kustomize`, ["build", folder]);
  assertEquals([code, err], [0, ""]);
  return { text: out, manifests: parseAllDocuments(out).map((document) => document.toJS()) };
}

/** By the schemas of Kubernetes, strictly. */
export async function validated(text: string) {
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(file, text);
  const args = [`PYTHONPATH=${KUBERNETES}/python`, "python3", "-m", "kubernetes_validate", "--strict", file];
  const ended = await tool("env", args);
  await Deno.remove(file);
  return ended;
}
