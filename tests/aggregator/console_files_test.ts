import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { consoleFiles } from "../../aggregator/api/console_files.ts";

describe("the console's pages", () => {
  it("are served under a policy that runs no foreign script, and so is all that they load", async () => {
    const console = consoleFiles();
    for (const [path, title] of [["/", "Slipstream"], ["/audit", "Audit – Slipstream"]] as const) {
      const response = await console.request(path);
      const page = await response.text();
      assertStringIncludes(page, `<title>${title}</title>`);
      assertStringIncludes(
        response.headers.get("content-security-policy") ?? "",
        "default-src 'none'; script-src 'self'; ",
      );
      const files = [...page.matchAll(/(?:src|href)="(\/[^"]+\.\w+)"/g)];
      assert(files.length >= 2, page);
      for (const [, path] of files) {
        const file = await console.request(path!);
        assertEquals(file.status, 200, path);
        await file.body?.cancel();
      }
    }
  });
});
