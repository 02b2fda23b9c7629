// Pictures of the console: a conflict, a page that hears nothing any more, a crowd; for the README and for looking at.
// `deno run -A tests/console/screenshots.ts FOLDER [dark|light]`: makes them from the demo's scenarios, in two minutes.
import { join } from "node:path";
import type { Page } from "playwright-core";
import { Process } from "../e2e/process.ts";
import { ConsoleBrowser } from "./browser.ts";

interface Picture {
  name: string;
  /** Of the demo. */
  options: string[];
  /** Brings the page to what the picture shows. */
  pose: (page: Page, demo: { aggregatorPid: number }) => Promise<void>;
}

const PICTURES: Picture[] = [
  {
    name: "conflict",
    options: ["--scenario", "crossing", "--drones", "24"],
    pose: async (page) => {
      await page.locator('#alerts li[data-severity="critical"] .kind').first().click({ timeout: 60_000 });
      await page.waitForTimeout(700);
    },
  },
  {
    name: "stale",
    options: ["--scenario", "low-battery", "--drones", "50"],
    pose: async (page, { aggregatorPid }) => {
      await page.locator("#alerts li .link").first().click({ timeout: 60_000 });
      await page.waitForTimeout(1500);
      Deno.kill(aggregatorPid, "SIGSTOP");
      await page.getByText("Stale since").waitFor();
      await page.waitForTimeout(6000);
    },
  },
  {
    name: "crowd",
    options: ["--scenario", "drone-show", "--drones", "500"],
    pose: async (page) => {
      await page.locator("#alerts li").nth(5).waitFor({ timeout: 60_000 });
      await page.waitForTimeout(4000);
    },
  },
];

async function take(browser: ConsoleBrowser, { name, options, pose }: Picture): Promise<void> {
  const args = ["run", "-A", "--quiet", "sim/demo.ts", "--port", "0", "--edge-port", "0", ...options];
  const demo = await Process.start({ args, readyWhen: "console: " });
  const aggregatorPid = await childOf(demo.pid, "aggregator/main.ts");
  try {
    const { page } = await browser.open({ url: demo.url, colorScheme });
    await page.waitForTimeout(5000);
    await pose(page, { aggregatorPid });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    await page.context().close();
  } finally {
    Deno.kill(aggregatorPid, "SIGCONT");
    await demo.stop("SIGINT");
  }
}

async function childOf(parentPid: number, words: string): Promise<number> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "pid=,args=", "--ppid", `${parentPid}`] }).output();
  const line = new TextDecoder().decode(stdout).split("\n").find((line) => line.includes(words));
  if (!line) throw new Error(`Cannot find the process that runs ${words}`);
  return Number.parseInt(line, 10);
}

const [folder = "."] = Deno.args;
const colorScheme = Deno.args[1] === "dark" ? "dark" : "light";
await Deno.mkdir(folder, { recursive: true });
await using browser = await ConsoleBrowser.start();
for (const picture of PICTURES.filter(({ name }) => !Deno.args[2] || Deno.args[2] === name)) {
  await take(browser, picture);
}
