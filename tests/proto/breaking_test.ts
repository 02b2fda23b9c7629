import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import importMap from "../../import_map.json" with { type: "json" };
import { Command } from "../e2e/command.ts";

const PROTO = new URL("../../proto/", import.meta.url).pathname;
const MESSAGES = "slipstream/v1";

/** Compares a copy of the contract, with one text of one file changed, with what was accepted. */
async function compared(file: string, { from, to }: { from: string; to: string }) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/${MESSAGES}`, { recursive: true });
    await Deno.copyFile(`${PROTO}/buf.yaml`, `${folder}/buf.yaml`);
    for (const { name } of Deno.readDirSync(`${PROTO}/${MESSAGES}`)) {
      const text = await Deno.readTextFile(`${PROTO}/${MESSAGES}/${name}`);
      await Deno.writeTextFile(`${folder}/${MESSAGES}/${name}`, name === file ? text.replace(from, to) : text);
    }
    const args = ["breaking", folder, "--against", `${PROTO}/image.binpb`];
    return await new Command(Deno.execPath(), ["run", "-A", importMap.imports["@bufbuild/buf"], ...args]).output();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("what later changes of the contract are compared with", () => {
  it("has every file of it", async () => {
    const { file } = fromBinary(FileDescriptorSetSchema, await Deno.readFile(`${PROTO}/image.binpb`));
    const files = [...Deno.readDirSync(`${PROTO}/${MESSAGES}`)].map(({ name }) => `${MESSAGES}/${name}`);
    assertEquals(file.map(({ name }) => name).filter((name) => name.startsWith(MESSAGES)).sort(), files.sort());
  });

  it("takes a field more in what Kafka's readers read, and none of another type", async () => {
    const more = await compared("fleet.proto", { from: "uint64 seq = 5;", to: "uint64 seq = 5;\nuint32 more = 99;" });
    assertEquals([more.code, more.stdout], [0, ""]);
    const other = await compared("fleet.proto", { from: "uint64 seq = 5;", to: "string seq = 5;" });
    assertMatch(other.stdout, /fleet\.proto.*"5" with name "seq" on message "FleetRecord" changed type/);
    assertEquals(other.code, 100);
  });
});
