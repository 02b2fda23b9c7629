import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runToEnd } from "../e2e/process.ts";
import { type Page, read, readPages, tableUnder } from "./pages.ts";

/** Deno's own commands, with Deno's own options. */
const DENOS = ["test", "check", "ok"];

interface Shown {
  page: string;
  task: string;
  options: string[];
  /** Of `--only`, where it is there. */
  only: string[];
}

const optionsOf = (text: string) => Array.from(text.matchAll(/--[a-z][a-z-]*/g), ([option]) => option);

function shown(page: string, command: string): Shown {
  const [task = "", ...rest] = command.trim().split(/\s+/);
  const words = rest.join(" ");
  const only = /--only ([a-z][\w,-]*)/.exec(words)?.[1]?.split(",") ?? [];
  return { page, task, options: optionsOf(words), only };
}

/** Every `task NAME …` in code, of a line or of a fence. */
function commandsOf({ path, text }: Page): Shown[] {
  const code = Array.from(text.matchAll(/^```sh\n([\s\S]*?)^```$|`([^`]+)`/gm), ([, block, span]) => block ?? span!);
  return code.flatMap((code) =>
    Array.from(code.matchAll(/\btask ((?!NAME\b|…)[a-z][^&|#\n]*)/g), ([, command]) => shown(path, command!))
  );
}

const pages = await readPages();
const { tasks } = JSON.parse(await read("deno.json"));
const of = (path: string) => pages.find((page) => page.path === path)!;
const inTables = [
  ...tableUnder("## Eight numbers", of("README.md")).map((cells) => shown("README.md", cells[3]!.replaceAll("`", ""))),
  ...tableUnder("## Commands", of("docs/operations.md")).flatMap(([names = ""]) =>
    names.replaceAll("`", "").split(", ").map((task) => shown("docs/operations.md", task))
  ),
];
const all = [...pages.flatMap(commandsOf), ...inTables];

describe("the commands that the pages show", () => {
  it("are tasks that there are", () => {
    assertGreater(all.length, 30);
    assertEquals(all.filter(({ task }) => !(task in tasks)), []);
  });

  it("have options that the task takes, by its own --help", async () => {
    const own = [...new Set(all.map(({ task }) => task))].filter((task) => task in tasks && !DENOS.includes(task));
    const helps = new Map<string, string>();
    for (const task of own) helps.set(task, (await runToEnd(["task", "--quiet", task, "--help"])).stdout);
    const takes = (task: string, option: string) => new RegExp(`${option}\\b(?!-)`).test(helps.get(task) ?? "");
    const wrong = all.flatMap(({ page, task, options }) =>
      options.filter((option) => !takes(task, option)).map((option) => `${page}: ${task} ${option}`)
    );
    const parts = all.filter(({ task }) => task === "bench").flatMap(({ page, only }) =>
      only.filter((part) => !helps.get("bench")!.includes(part)).map((part) => `${page}: bench --only ${part}`)
    );
    // A row can be of several tasks, and says together what they take.
    const rows = tableUnder("## Commands", of("docs/operations.md")).flatMap(([names = "", what = ""]) => {
      const some = names.replaceAll("`", "").split(", ");
      return optionsOf(what).filter((option) => !some.some((task) => takes(task, option)))
        .map((option) => `docs/operations.md: ${names} ${option}`);
    });
    assertEquals([...wrong, ...parts, ...rows], []);
    assertGreater(all.flatMap(({ options }) => options).length, 20);
  });
});
