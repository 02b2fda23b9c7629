// What is installed from clients/ says the truth of itself, and its own tests pass.
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import importMap from "../../import_map.json" with { type: "json" };
import { hasPython, installedForNode, installedForPython, outputOf, PYTHON, ROOT } from "./installed.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const { version } = JSON.parse(await read("deno.json"));
const PROJECT = `${ROOT.pathname}clients/python`;

describe("the npm package", () => {
  it("is of this version, and of the dependencies that it is tested with", async () => {
    const manifest = JSON.parse(await read("clients/typescript/package.json"));
    assertEquals(manifest.version, version);
    for (const [name, wanted] of Object.entries(manifest.dependencies)) {
      assertEquals(`npm:${name}@${wanted}`, importMap.imports[name as keyof typeof importMap.imports]);
    }
  });

  it("has nothing of Deno in it, and for browsers nothing of Node", async () => {
    const installed = `${await installedForNode()}/node_modules/slipstream-client`;
    await outputOf("sh", ["-c", '! grep -rE "Deno\\.|npm:|jsr:" --include=*.js "$0"', `${installed}/dist`]);
    const seen = new Map<string, string>();
    const visit = async (url: URL) => {
      if (seen.has(url.href)) return;
      const text = await Deno.readTextFile(url);
      seen.set(url.href, text);
      for (const [, specifier] of text.matchAll(/from "([^"]+)"/g)) {
        if (specifier!.startsWith(".")) await visit(new URL(specifier!, url));
        else assertMatch(specifier!, /^@bufbuild\/protobuf(\/codegenv2)?$/, url.href);
      }
    };
    await visit(new URL(`file://${installed}/dist/clients/typescript/src/web.js`));
    assertEquals(seen.size > 15, true);
    assertEquals([...seen.values()].some((text) => /\bBuffer\b|\bprocess\./.test(text)), false);
  });
});

describe("the Python package", () => {
  it("is of this version, typed, and under this licence", async () => {
    const manifest = await read("clients/python/pyproject.toml");
    assertMatch(manifest, new RegExp(`^version = "${version}"$`, "m"));
    for (const folder of ["python", "typescript"]) {
      assertEquals(await read(`clients/${folder}/LICENSE`), await read("LICENSE"));
    }
  });

  it("has its types and its messages where pip puts it", { ignore: !hasPython }, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const env = { PYTHONPATH: await installedForPython(folder) };
      await Deno.stat(`${folder}/site-packages/slipstream/py.typed`);
      const program =
        "import importlib.metadata as m; from slipstream.v1 import telemetry_pb2; print(m.version('slipstream-client'))";
      assertEquals(await outputOf(PYTHON, ["-c", program], { cwd: folder, env }), `${version}\n`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("passes its own tests, and mypy's strict ones", { ignore: !hasPython }, async () => {
    const env = { PYTHONDONTWRITEBYTECODE: "1" };
    const tested = await outputOf(PYTHON, ["-m", "pytest", "-q", "-p", "no:cacheprovider"], { cwd: PROJECT, env });
    assertMatch(tested, /^(\d{2,}) passed/m);
    const checked = await outputOf(PYTHON, ["-m", "mypy", "--cache-dir=/dev/null"], { cwd: PROJECT });
    assertMatch(checked, /^Success: no issues found in \d{2,} source files/);
  });

  it("has the messages that the contract generates", { ignore: !hasPython }, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await outputOf(`${PROJECT}/generate.sh`, [folder], { env: { PYTHON } });
      const names = [...Deno.readDirSync(`${folder}/slipstream/v1`)].map(({ name }) => name).sort();
      assertEquals(names.length, 6);
      for (const name of names) {
        const fresh = await Deno.readTextFile(`${folder}/slipstream/v1/${name}`);
        assertEquals(await read(`clients/python/src/slipstream/v1/${name}`), fresh, name);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});
