import { assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Ajv2019 } from "ajv/dist/2019.js";
import { parse } from "yaml";
import { VERSION } from "../../platform/version.ts";
import { tool } from "../identity/tools.ts";
import { isCopied } from "./image_root.ts";
import { build, type Manifest, validated } from "./kustomize.ts";
import { hasKubernetes, hasOperatorSchemas, OPERATOR_SCHEMAS, ROOT } from "./tools.ts";

const DEPLOYED = "deploy/flink";
const IMAGE = `slipstream-flink:${VERSION}`;
const SQL_DRIVER = "org.apache.flink.table.runtime.application.SqlDriver";
/** What only one of a cluster's ways of running needs. */
const OF_ONE_WAY = /^(jobmanager|taskmanager|rest|blob|parallelism|kubernetes)\b/;

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const built = (mode: string) => build(new URL(`${DEPLOYED}/${mode}`, ROOT).pathname);
const named = (manifests: Manifest[], kind: string, name: string) =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name);

/** As Flink knows settings: `a.b.c`. */
function flat(settings: Record<string, unknown>, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) =>
      typeof value === "object" && value !== null
        ? Object.entries(flat(value as Record<string, unknown>, `${prefix}${name}.`))
        : [[prefix + name, `${value}`]]
    ),
  );
}

const config = flat(parse(await read(`${DEPLOYED}/config.yaml`)));
const highAvailability: Record<string, string> = parse(await read(`${DEPLOYED}/base/high_availability.yaml`));

describe("Flink in containers", () => {
  it("has the settings of flink/run.sh, but for addresses, sizes and where things last", async () => {
    const ofOwn = flat(parse(await read("flink/conf/config.yaml")));
    const shared = Object.keys(ofOwn).filter((name) => !/^(jobmanager|taskmanager|rest)\b/.test(name));
    assertGreater(shared.length, 10);
    for (const name of shared) assertEquals([name, config[name]], [name, ofOwn[name]]);
    for (const name of ["execution.checkpointing.dir", "execution.checkpointing.savepoint-dir"]) {
      assertMatch(config[name]!, /^file:\/\/\/state\//);
    }
  });

  it("is the Flink that everything else is tried with, and takes what its image lacks from the build", async () => {
    const [dockerfile, pom, ignored] = [
      await read(`${DEPLOYED}/Dockerfile`),
      await read("flink/pom.xml"),
      await read(`${DEPLOYED}/Dockerfile.dockerignore`),
    ];
    const [, version] = /<flink\.version>(.+)<\/flink\.version>/.exec(pom)!;
    assertStringIncludes(dockerfile, `\nFROM flink:${version}-java17\n`);
    assertMatch(dockerfile, /^USER flink$/m);
    assertStringIncludes(await read(`${DEPLOYED}/config.yaml`), `flink-s3-fs-presto-${version}.jar`);
    const copied = [
      "flink/pom.xml",
      "flink/script.sh",
      "flink/windows.sql",
      "flink/merge.sql",
      "proto/slipstream/v1/fleet.proto",
    ];
    for (const path of [...copied, "deploy/flink/image/job", "deploy/flink/config.yaml"]) {
      assertEquals([path, isCopied(path, ignored)], [path, true]);
      await Deno.stat(new URL(path, ROOT));
    }
    for (const path of ["flink/target/slipstream-flink.jar", "edge/main.ts"]) {
      assertEquals([path, isCopied(path, ignored)], [path, false]);
    }
  });

  it("runs the script with the values of the environment, from the last checkpoint if nothing else remembers it", async () => {
    const root = await Deno.makeTempDir();
    for (const folder of ["tmp", "state/checkpoints/one/chk-7", "slipstream"]) {
      await Deno.mkdir(`${root}/${folder}`, { recursive: true });
    }
    const inRoot = (_: string, folder: string) => `${root}/${folder.replace("opt/", "")}/`;
    const job = (await read(`${DEPLOYED}/image/job`))
      .replaceAll(/\/(opt\/slipstream|tmp|state)\//g, inRoot).replaceAll("/docker-entrypoint.sh", "echo");
    await Deno.writeTextFile(`${root}/job`, job);
    for (const name of ["script.sh", "windows.sql"]) {
      await Deno.copyFile(new URL(`flink/${name}`, ROOT), `${root}/slipstream/${name}`);
    }
    const run = async (env: Record<string, string>, ...args: string[]) => {
      const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      const { code, out, err } = await tool("env", [
        "-i",
        `PATH=${Deno.env.get("PATH")}`,
        ...set,
        "bash",
        `${root}/job`,
        ...args,
      ]);
      assertEquals([code, err], [0, ""]);
      return out.trim();
    };
    const ends = `--job-classname ${SQL_DRIVER} --scriptUri file://${root}/tmp/job.sql`;
    assertEquals(await run({ BROKERS: "kafka:9092", IDLE: "5 s" }, "--host", "h"), `standalone-job --host h ${ends}`);
    const sql = await Deno.readTextFile(`${root}/tmp/job.sql`);
    assertEquals([sql.includes("'kafka:9092'"), sql.includes("'5 s'"), sql.includes("${")], [true, true, false]);
    await Deno.writeTextFile(`${root}/state/checkpoints/one/chk-7/_metadata`, "");
    const last = `file://${root}/state/checkpoints/one/chk-7`;
    assertEquals(await run({}), `standalone-job --fromSavepoint ${last} ${ends}`);
    assertEquals(await run({}, "--fromSavepoint", "s3://a"), `standalone-job --fromSavepoint s3://a ${ends}`);
    const FLINK_PROPERTIES = await read(`${DEPLOYED}/base/high_availability.yaml`);
    assertEquals(await run({ FLINK_PROPERTIES }), `standalone-job ${ends}`);
    await Deno.remove(root, { recursive: true });
  });
});

describe("what kustomize makes of deploy/flink", { ignore: !hasKubernetes }, () => {
  for (const mode of ["application", "session"]) {
    it(`fits the schemas of Kubernetes, strictly, and has what lasts on a volume of all pods: ${mode}`, async () => {
      const { text, manifests } = await built(mode);
      const { code, out, err } = await validated(text);
      assertEquals(code, 0, out + err);
      assertEquals((out + err).match(/ passed for resource /g)?.length, manifests.length);
      const [claim] = manifests.filter(({ kind }) => kind === "PersistentVolumeClaim");
      assertEquals(claim.spec.accessModes, ["ReadWriteMany"]);
      for (const part of ["jobmanager", "taskmanager"]) {
        const pod = named(manifests, "Deployment", `flink-${part}`).spec.template.spec;
        const [container] = pod.containers;
        assertEquals(container.image, IMAGE);
        assertEquals(pod.volumes, [{
          name: "state",
          persistentVolumeClaim: { claimName: claim.metadata.name },
        }]);
        assertEquals(container.volumeMounts, [{ name: "state", mountPath: "/state" }]);
        const { memory } = container.resources.limits;
        assertEquals(`${parseInt(memory)}m`, config[`${part}.memory.process.size`]);
        const properties = manifests.find(({ kind, metadata }) =>
          kind === "ConfigMap" && metadata.name === container.envFrom[0].configMapRef.name
        );
        assertEquals(parse(properties.data.FLINK_PROPERTIES), highAvailability);
      }
      const service = named(manifests, "Service", "flink-jobmanager");
      assertEquals([config["jobmanager.rpc.address"], config["rest.address"]], Array(2).fill(service.metadata.name));
    });
  }

  it("runs the one job, with values that its script takes, or none", async () => {
    const { manifests } = await built("application");
    const [container] = named(manifests, "Deployment", "flink-jobmanager").spec.template.spec.containers;
    assertEquals(container.args[0], "/opt/slipstream/job");
    const values = manifests.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("job-"));
    const args = Object.entries(values.data).map(([name, value]) => `${name}=${value}`);
    assertEquals((await tool(new URL("flink/script.sh", ROOT).pathname, args)).code, 0);
    const [other] =
      named((await built("session")).manifests, "Deployment", "flink-jobmanager").spec.template.spec.containers;
    assertEquals(other.args, ["jobmanager", "$(POD_IP)"]);
  });
});

describe("the manifests for Flink's operator", { ignore: !hasKubernetes || !hasOperatorSchemas }, () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
  const schemaOf = async (plural: string) => {
    const crd = parse(await Deno.readTextFile(`${OPERATOR_SCHEMAS}/${plural}.flink.apache.org-v1.yml`));
    return closed(crd.spec.versions[0].schema.openAPIV3Schema.properties.spec);
  };

  for (const mode of ["application", "session"]) {
    it(`fit its schemas, but for a version of Flink that those do not know yet: ${mode}`, async () => {
      const { manifests, text } = await built(`operator/${mode}`);
      const own = manifests.filter(({ apiVersion }) => apiVersion === "flink.apache.org/v1beta1");
      assertEquals(
        own.map(({ kind }) => kind),
        mode === "session" ? ["FlinkDeployment", "FlinkSessionJob"] : [
          "FlinkDeployment",
        ],
      );
      for (const manifest of own) {
        const validate = ajv.compile(await schemaOf(`${manifest.kind.toLowerCase()}s`));
        validate(manifest.spec);
        const errors = validate.errors?.filter(({ instancePath }) => instancePath !== "/flinkVersion") ?? [];
        assertEquals(errors, []);
        const wrong = structuredClone(manifest);
        (wrong.spec.job ?? wrong.spec).upgradeMod = "savepoint";
        validate(wrong.spec);
        assertEquals(validate.errors?.some(({ keyword }) => keyword === "additionalProperties"), true);
      }
      const others = text.split("---\n").filter((one) => !one.includes("flink.apache.org/v1beta1")).join("---\n");
      assertEquals((await validated(others)).code, 0);
    });

    it(`have the settings that the plain ones have, and its script's values: ${mode}`, async () => {
      const { manifests } = await built(`operator/${mode}`);
      const { spec } = manifests.find(({ kind }) => kind === "FlinkDeployment");
      const wanted = Object.entries({ ...config, ...highAvailability }).filter(([name]) => !OF_ONE_WAY.test(name));
      const set = Object.entries(spec.flinkConfiguration).filter(([name]) => !OF_ONE_WAY.test(name));
      assertEquals(Object.fromEntries(set), Object.fromEntries(wanted));
      assertEquals([spec.image, spec.jobManager.resource.memory, spec.taskManager.resource.memory], [
        IMAGE,
        config["jobmanager.memory.process.size"],
        config["taskmanager.memory.process.size"],
      ]);
      const [{ command: [, , line], image }] = spec.jobManager.podTemplate.spec.initContainers;
      const [script, ...args] = line.split(" >")[0].split(" ");
      assertEquals([image, script], [IMAGE, "/opt/slipstream/script.sh"]);
      assertEquals((await tool(new URL("flink/script.sh", ROOT).pathname, args)).code, 0);
      const { job } = (manifests.find(({ kind }) => kind === "FlinkSessionJob") ?? { spec }).spec;
      assertEquals([job.entryClass, job.upgradeMode, job.args[1]], [
        SQL_DRIVER,
        "savepoint",
        `file://${line.split(" >")[1]}`,
      ]);
    });
  }
});

/** Kubernetes would leave out what the schema does not know; here it is an error. */
function closed(schema: Manifest): Manifest {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, closed(value)]);
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] || "additionalProperties" in schema;
  const isObject = schema.type === "object" && typeof schema.properties === "object" && !isOpen;
  return { ...Object.fromEntries(entries), ...isObject && { additionalProperties: false } };
}
