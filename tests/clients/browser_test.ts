// The npm package in a real browser, unbundled: its modules by an import map, from a page that the edge lets in.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ConsoleBrowser, hasChromium } from "../console/browser.ts";
import { System } from "../e2e/system.ts";
import { installedForNode } from "./installed.ts";

const MODULES = {
  "slipstream-client": "/node_modules/slipstream-client/dist/clients/typescript/src/web.js",
  "@bufbuild/protobuf": "/node_modules/@bufbuild/protobuf/dist/esm/index.js",
  "@bufbuild/protobuf/codegenv2": "/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/index.js",
};

/** A page that sends a position to an edge, and shows what came of it. */
const page = (edge: string) =>
  `<!doctype html><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports: MODULES })}</script>
<p id="told"></p>
<script type="module">
import { openDrone } from "slipstream-client";
const told = document.getElementById("told");
const drone = openDrone({ droneId: "my-page", edges: ["${edge}"], onProblem: ({ message }) => console.error(message) });
await drone.acknowledged(drone.send({ position: { latE7: 473_977_420, lonE7: 85_455_940, fixType: 3 } }));
told.textContent = "acknowledged";
await drone.close();
</script>`;

describe("the npm package in a browser", () => {
  it("has a record acknowledged, with modules as they are installed", { ignore: !hasChromium }, async () => {
    const root = await installedForNode();
    let edge = "";
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/") return new Response(page(edge), { headers: { "content-type": "text/html" } });
      const text = await Deno.readTextFile(`${root}${pathname}`);
      return new Response(text, { headers: { "content-type": "text/javascript" } });
    });
    const origin = `http://127.0.0.1:${server.addr.port}`;
    await using system = await System.start({ edgeEnv: { SLIPSTREAM_ORIGINS: origin } });
    edge = system.telemetryUrl;
    await using browser = await ConsoleBrowser.start();
    const { page: shown, errors } = await browser.visit({ url: origin });
    await shown.getByText("acknowledged", { exact: true }).waitFor();
    assertEquals(errors, []);
    assertEquals((await system.drone("my-page")).records, 1);
  });
});
