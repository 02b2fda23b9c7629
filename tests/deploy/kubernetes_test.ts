import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parse, stringify } from "yaml";
import { type ApiParts, createApi } from "../../aggregator/api/api.ts";
import { AGGREGATOR_METRICS } from "../../aggregator/api/fleet_metrics.ts";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { Scaling } from "../../aggregator/intake/scaling.ts";
import { readEdgeConfig } from "../../edge/config.ts";
import { OPEN_GATE } from "../../identity/gate.ts";
import { VERSION } from "../../platform/version.ts";
import { tool } from "../identity/tools.ts";
import { build, type Built, type Manifest, validated } from "./kustomize.ts";
import { hasKubernetes, ROOT } from "./tools.ts";

const DEPLOYED = "deploy/kubernetes";
/** What deploy/image/identities hands to each. */
const HANDED: Record<string, string[]> = {
  edge: ["ca.pem", "tokens.jwks.json", "revoked.txt", "server.pem", "uplink.pem"],
  aggregator: ["ca.pem", "tokens.jwks.json", "revoked.txt", "server.pem"],
};

/** What kustomize makes of a folder, in a copy that has identities. */
async function built(overlay: string, { scaledBy = "" } = {}): Promise<Built> {
  const folder = await Deno.makeTempDir();
  await tool("cp", ["-r", new URL(DEPLOYED, ROOT).pathname, folder]);
  for (const [of, names] of Object.entries(HANDED)) {
    const identities = `${folder}/kubernetes/overlays/one-node/identities/${of}`;
    await Deno.mkdir(identities, { recursive: true });
    for (const name of names) await Deno.writeTextFile(`${identities}/${name}`, "x");
  }
  if (scaledBy !== "") {
    await Deno.mkdir(`${folder}/kubernetes/${overlay}`);
    const scaled = { resources: ["../../base"], components: [`../../scaling/${scaledBy}`], namespace: "slipstream" };
    await Deno.writeTextFile(`${folder}/kubernetes/${overlay}/kustomization.yaml`, stringify(scaled));
  }
  const made = await build(`${folder}/kubernetes/${overlay}`);
  await Deno.remove(folder, { recursive: true });
  return made;
}

const environmentOf = ({ env }: Manifest): Record<string, string> =>
  Object.fromEntries(env.map(({ name, value }: Record<string, string>) => [name, value]));
/** As Kubernetes puts it in. */
const inPod = (environment: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value?.replace("$(POD_NAME)", "edge-0")]),
  );

describe("what kustomize makes of deploy/kubernetes", { ignore: !hasKubernetes }, () => {
  for (const overlay of ["base", "overlays/one-node", "overlays/production"]) {
    it(`fits the schemas of Kubernetes, strictly: ${overlay}`, async () => {
      const { text, manifests } = await built(overlay);
      const { code, out, err } = await validated(text);
      assertEquals(code, 0, out + err);
      assertEquals((out + err).match(/ passed for resource /g)?.length, manifests.length);
      assertGreater(manifests.length, 10);
    });

    it(`has what the processes take, by their own reading of it: ${overlay}`, async () => {
      const { manifests } = await built(overlay);
      const read = { edge: readEdgeConfig, aggregator: readAggregatorConfig };
      for (const [name, kind] of [["edge", "Deployment"], ["aggregator", "StatefulSet"]] as const) {
        const pod = manifests.find((one) => one.kind === kind && one.metadata.name === name).spec.template.spec;
        const [container] = pod.containers;
        assertEquals(read[name](inPod(environmentOf(container))).host, "0.0.0.0");
        assertEquals(container.args, [name]);
        assertEquals(container.image, `slipstream:${VERSION}`);
        const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = container.securityContext;
        assertEquals([readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities.drop], [true, false, ["ALL"]]);
        assertEquals([pod.securityContext.runAsNonRoot, pod.securityContext.runAsUser], [true, 1993]);
        for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
          assertEquals(container[probe].httpGet.scheme, "HTTPS", probe);
        }
      }
    });

    it(`gives each edge an id of its own, behind the name of their certificate: ${overlay}`, async () => {
      const { manifests } = await built(overlay);
      const { spec } = manifests.find(({ kind }) => kind === "Deployment");
      const { env } = spec.template.spec.containers[0];
      const names = env.map(({ name }: Record<string, string>) => name);
      const { SLIPSTREAM_EDGE_ID, SLIPSTREAM_EDGE_PROCESSES } = environmentOf({ env });
      assertEquals([SLIPSTREAM_EDGE_ID, SLIPSTREAM_EDGE_PROCESSES], ["edge-1~$(POD_NAME)", "1"]);
      // Kubernetes puts in what stands before.
      assertEquals(
        names.indexOf("POD_NAME") >= 0 && names.indexOf("POD_NAME") < names.indexOf("SLIPSTREAM_EDGE_ID"),
        true,
      );
    });

    it(`lets edges reach the aggregator, and lets nothing else in or out: ${overlay}`, async () => {
      const { manifests } = await built(overlay);
      const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
      assertEquals(policies.map(({ metadata }) => metadata.name).sort(), ["aggregator", "edge", "nothing"]);
      const nothing = policies.find(({ metadata }) => metadata.name === "nothing").spec;
      assertEquals([nothing.podSelector, nothing.ingress, nothing.egress], [{}, undefined, undefined]);
    });
  }

  describe("with what scales edges by /v1/scale", () => {
    const scaled = (name: string) => built(`overlays/scaled-by-${name}`, { scaledBy: name });

    it("has Kubernetes ask Prometheus for a metric that there is, as many as it says", async () => {
      const { manifests, text } = await scaled("wanted");
      const autoscalers = manifests.filter(({ kind }) => kind === "HorizontalPodAutoscaler");
      assertEquals(autoscalers.length, 1);
      assertEquals((await validated(text)).code, 0);
      const [{ type, external: { metric, target } }, ...others] = autoscalers[0].spec.metrics;
      assertEquals([type, target, others], ["External", { type: "AverageValue", averageValue: "1" }, []]);
      const table = AGGREGATOR_METRICS.find(({ name }) => name === metric.name)!;
      assertEquals(Object.keys(metric.selector.matchLabels), table.labels);
      const adapter = await Deno.readTextFile(new URL("deploy/prometheus/adapter.yml", ROOT));
      assertEquals(parse(adapter).externalRules[0].seriesQuery, metric.name);
    });

    it("has KEDA ask the aggregator for a number that it tells, and nobody else decide", async () => {
      const { manifests } = await scaled("keda");
      assertEquals(manifests.filter(({ kind }) => kind === "HorizontalPodAutoscaler"), []);
      const { spec } = manifests.find(({ kind }) => kind === "ScaledObject");
      const deployment = manifests.find(({ kind }) => kind === "Deployment");
      assertEquals([spec.scaleTargetRef.name, spec.triggers.length], [deployment.metadata.name, 1]);
      const [{ metadata, authenticationRef }] = spec.triggers;
      const { hostname, port, pathname } = new URL(metadata.url);
      const service = manifests.find(({ kind, metadata }) => kind === "Service" && metadata.name === "aggregator");
      const { name, namespace } = service.metadata;
      assertEquals([hostname, Number(port)], [`${name}.${namespace}.svc`, service.spec.ports[0].port]);
      const scaling = new Scaling({
        ...{ edges: { list: () => [] }, edgesMax: 1, log: () => {} },
        sequencer: { audit: () => Promise.resolve("safe"), isKeeping: true },
        clock: (() => {
          let nowMs = 0;
          return () => nowMs += 60_000;
        })(),
      });
      const api = createApi({ scaling, gate: OPEN_GATE, hosts: null } as unknown as ApiParts);
      const told = await (await api.request(pathname)).json();
      const value = metadata.valueLocation.split(".").reduce((at: Manifest, name: string) => at[name], told);
      assertEquals([typeof value, metadata.targetValue, metadata.authMode], ["number", "1", "bearer"]);
      const authentication = manifests.find(({ kind }) => kind === "TriggerAuthentication");
      assertEquals([authentication.metadata.name, authentication.spec.secretTargetRef[0].parameter], [
        authenticationRef.name,
        "token",
      ]);
    });
  });

  it("of one node has the identities in secrets that its pods mount", async () => {
    const { manifests } = await built("overlays/one-node");
    for (const [name, files] of Object.entries(HANDED)) {
      const secret = manifests.find(({ kind, metadata }) =>
        kind === "Secret" && metadata.name.startsWith(`${name}-identity-`)
      );
      assertEquals(Object.keys(secret.data).sort(), [...files].sort());
      const pods = manifests.filter(({ spec, metadata }) => spec?.template && metadata.name === name);
      assertStringIncludes(JSON.stringify(pods[0].spec.template.spec.volumes), secret.metadata.name);
    }
  });
});
