import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { tool } from "../identity/tools.ts";
import { Process } from "../e2e/process.ts";
import { hasSystemd, ROOT } from "./tools.ts";

const UNITS = ["edge", "aggregator"] as const;
const TOLD_MS_MAX = 30_000;
/** What they start, and a node of several edges behind the same command. */
const MODULES = {
  edge: ["edge/node/main.ts", { SLIPSTREAM_EDGE_PROCESSES: "1" }],
  "node of edges": ["edge/node/main.ts", { SLIPSTREAM_EDGE_PROCESSES: "2" }],
  aggregator: ["aggregator/main.ts", {}],
} as const;
/** Of systemd-analyze security, 0 to 10: below 2 it calls a service OK, above 5 medium. */
const EXPOSURE_MAX = 2;

describe("a service of systemd's", () => {
  for (const [name, [module, settings]] of Object.entries(MODULES)) {
    it(`is told by the ${name} that it is ready, lives, and stops`, async () => {
      const folder = await Deno.makeTempDir();
      const socket = `${folder}/notify`;
      const listener = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", "--unstable-net", new URL("listener.ts", import.meta.url).pathname, socket],
        stdout: "piped",
      }).spawn();
      const told: string[] = [];
      const lines = listener.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const until = async (text: string) => {
        const limit = setTimeout(() => listener.kill(), TOLD_MS_MAX);
        while (!told.join("").includes(text)) {
          const { value, done } = await lines.read();
          if (done) throw new Error(`Cannot hear ${text}: ${told.join("")}`);
          told.push(value);
        }
        clearTimeout(limit);
      };
      await until("listening on it");
      await using process = await Process.start({
        args: ["run", "-A", "--quiet", "--unstable-net", module],
        env: {
          ...{ NOTIFY_SOCKET: socket, WATCHDOG_USEC: "300000" },
          ...settings,
          ...{ SLIPSTREAM_EDGE_PORT: "0", SLIPSTREAM_UPLINK_URL: "ws://127.0.0.1:9/v1/uplink" },
          ...{ SLIPSTREAM_AGGREGATOR_PORT: "0", SLIPSTREAM_JOURNAL: ":memory:", SLIPSTREAM_SQLITE: ":memory:" },
        },
        readyWhen: "listening on",
      });
      await until("READY=1");
      await until("WATCHDOG=1\nWATCHDOG=1\n");
      const { code } = await process.stop("SIGTERM");
      await until("STOPPING=1");
      // Not once by each edge.
      assertEquals(told.join("").match(/READY=1|STOPPING=1/g), ["READY=1", "STOPPING=1"]);
      listener.kill();
      await listener.status;
      await lines.cancel();
      await Deno.remove(folder, { recursive: true });
      assertEquals(code, 0);
    });
  }
});

describe("systemd-analyze", { ignore: !hasSystemd }, () => {
  for (const unit of UNITS) {
    const name = `slipstream-${unit}.service`;

    it(`finds nothing to say of the ${unit}'s unit`, async () => {
      const folder = await Deno.makeTempDir();
      const text = await Deno.readTextFile(new URL(`deploy/systemd/${name}`, ROOT));
      // As if this folder were the one where it is installed.
      await Deno.writeTextFile(`${folder}/${name}`, text.replaceAll("/opt/slipstream/", ROOT.pathname));
      const { code, out, err } = await tool("systemd-analyze", ["verify", `${folder}/${name}`]);
      await Deno.remove(folder, { recursive: true });
      assertEquals([code, out, err], [0, "", ""]);
    });

    it(`calls the ${unit}'s unit well protected`, async () => {
      const path = new URL(`deploy/systemd/${name}`, ROOT).pathname;
      const { code, out } = await tool("systemd-analyze", ["security", "--offline=true", "--no-pager", path]);
      assertEquals(code, 0, out);
      const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(out)?.[1]);
      assertLess(exposure, EXPOSURE_MAX);
      assertMatch(out, /✓ ProtectSystem=/);
    });
  }
});
