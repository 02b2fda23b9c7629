// A real browser on the console: Debian's Chromium, driven by playwright.
import { type Browser, chromium, type Page } from "playwright-core";

const executablePath = Deno.env.get("CHROMIUM_PATH") ?? "/usr/bin/chromium";

/** `tests/with/chromium.sh` installs it; suites that need it are ignored without. */
export const hasChromium = await exists(executablePath);

const LIMIT_MS = 15_000;

export interface PageSettings {
  url: string;
  colorScheme?: "light" | "dark";
  width?: number;
  height?: number;
  hasTouch?: boolean;
}

/** One browser, with a page for each that asks. */
export class ConsoleBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<ConsoleBrowser> {
    // In a container there is no user that Chromium's sandbox could use; it only visits our own pages.
    return new ConsoleBrowser(await chromium.launch({ executablePath, args: ["--no-sandbox"] }));
  }

  /** The console, once it is live. */
  async open(settings: PageSettings) {
    const visited = await this.visit(settings);
    await visited.page.getByText("live", { exact: true }).waitFor();
    return visited;
  }

  /** The console. Errors that the page throws come out of `errors`. */
  async visit({ url, colorScheme = "light", width = 1280, height = 800, hasTouch = false }: PageSettings) {
    const context = await this.#browser.newContext({ colorScheme, hasTouch, viewport: { width, height } });
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(url);
    return { page, errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** The map's picture, as it says itself. */
export async function viewOf(page: Page): Promise<MapView> {
  const text = await page.locator("#map").getAttribute("data-view");
  if (text === null) throw new Error("Cannot tell where the map looks: it does not say");
  return JSON.parse(text);
}

export interface MapView {
  following: "all" | "held" | "pair" | "drone";
  latDeg: number;
  lonDeg: number;
  pxPerM: number;
  width: number;
  height: number;
}

/** Waits until the map looks as it should, and is at rest. */
export async function viewWhere(page: Page, isSo: (view: MapView) => boolean): Promise<MapView> {
  const untilMs = performance.now() + LIMIT_MS;
  for (let before = "";;) {
    const view = await viewOf(page);
    const text = JSON.stringify(view);
    if (isSo(view) && text === before) return view;
    if (performance.now() > untilMs) throw new Error(`Cannot go on: the map looks at ${text}`);
    before = text;
    await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => resolve()))");
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
