import { assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { anchorsOf, linksOf, readPages, ROOT } from "./pages.ts";

const README_LINES_MAX = 150;
const PICTURE_BYTES_MAX = 300 << 10;

const pages = await readPages();
const readme = pages.find(({ path }) => path === "README.md")!;

async function exists(url: URL): Promise<boolean> {
  try {
    await Deno.stat(url);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

describe("the pages", () => {
  it("lead nowhere that is not there, headings included", async () => {
    const broken: string[] = [];
    let links = 0;
    for (const page of pages) {
      for (const link of linksOf(page)) {
        links++;
        const { pathname, hash } = new URL(link, new URL(page.path, "file:///"));
        const target = pages.find(({ path }) => `/${path}` === pathname);
        const isThere = await exists(new URL(`.${pathname}`, ROOT)) &&
          (hash === "" || (target !== undefined && anchorsOf(target).includes(hash.slice(1))));
        if (!isThere) broken.push(`${page.path}: ${link}`);
      }
    }
    assertEquals(broken, []);
    assertGreater(links, 100);
  });

  it("of docs/ say first for whom they are", () => {
    const docs = pages.filter(({ path }) => path.startsWith("docs/"));
    assertGreater(docs.length, 8);
    for (const { path, text } of docs) assertMatch(text, /^# [^\n]+\n\nFor \S/, path);
  });

  it("are all reached from the README", () => {
    const reached = new Set(linksOf(readme));
    assertEquals(pages.filter(({ path }) => path !== "README.md" && !reached.has(path)).map(({ path }) => path), []);
  });

  it("name no test or folder that is not there", async () => {
    const missing: string[] = [];
    for (const { path, text } of pages) {
      for (
        const [, named] of text.matchAll(
          /`((?:tests|edge|aggregator|sim|platform|proto|wasm|docs)\/(?:[\w./-]*(?:\/|\.\w+))?)`/g,
        )
      ) {
        if (!await exists(new URL(named!, ROOT))) missing.push(`${path}: ${named}`);
      }
    }
    assertEquals(missing, []);
  });
});

describe("the README", () => {
  it(`has at most ${README_LINES_MAX} lines`, () => {
    assertLess(readme.text.trimEnd().split("\n").length, README_LINES_MAX + 1);
  });

  it("shows a picture that is quickly there", async () => {
    const pictures = linksOf(readme).filter((link) => link.endsWith(".png"));
    assertGreater(pictures.length, 0);
    for (const picture of pictures) assertLess((await Deno.stat(new URL(picture, ROOT))).size, PICTURE_BYTES_MAX);
  });

  it("shows a first frame in at most fifteen lines", () => {
    const [code = ""] = readme.text.split("```ts\n").slice(1).map((rest) => rest.split("```")[0]!);
    assertGreater(code.length, 0);
    assertLess(code.trimEnd().split("\n").length, 16);
  });
});
