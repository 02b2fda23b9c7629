// Programs of others that read what Slipstream is installed by. `tests/with/prometheus.sh` and `tests/with/kubernetes.sh` install
// what is not there; tests that need it are ignored without.
import { tool } from "../identity/tools.ts";

export const ROOT = new URL("../../", import.meta.url);

export const PROMTOOL = Deno.env.get("PROMTOOL_PATH") ?? "promtool";
export const hasPrometheus = await has("prometheus", "--version");
export const hasPromtool = await has(PROMTOOL, "--version");
export const hasAlertmanager = hasPrometheus && await has("prometheus-alertmanager", "--version") &&
  await has("amtool", "--version");
/** Where kustomize and the schemas of Kubernetes are. */
export const KUBERNETES = Deno.env.get("KUBERNETES_WITH_PATH") ??
  `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/slipstream/kubernetes`;
export const hasKubernetes = await has(`${KUBERNETES}/kustomize`, "version") &&
  await has("env", `PYTHONPATH=${KUBERNETES}/python`, "python3", "-c", "import kubernetes_validate");
/** Where the schemas of Flink's operator are. */
export const OPERATOR_SCHEMAS = `${KUBERNETES}/operator/META-INF/fabric8`;
export const hasOperatorSchemas = await has("ls", OPERATOR_SCHEMAS);
export const hasSystemd = await has("systemd-analyze", "--version");

async function has(command: string, ...args: string[]): Promise<boolean> {
  try {
    return (await tool(command, args)).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
