import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { keptKey, pseudonyms, randomKey, readKey } from "../../platform/pseudonyms.ts";

const KEY = "0123456789abcdef0123456789abcdef";

describe("pseudonyms", () => {
  it("give an id one name by one key, as HMAC-SHA-256 does", () => {
    const name = pseudonyms(KEY, "drone");
    // printf drone-7 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    assertEquals(name("drone-7"), "drone:fe68f787f6");
    assertEquals(pseudonyms(KEY, "drone")("drone-7"), name("drone-7"));
  });

  it("give it another by another key, and other ids others", () => {
    const name = pseudonyms(KEY, "drone");
    assertNotEquals(pseudonyms(randomKey(), "drone")("drone-7"), name("drone-7"));
    assertEquals(new Set(Array.from({ length: 1000 }, (_, i) => name(`drone-${i}`))).size, 1000);
    assertMatch(name(""), /^drone:[0-9a-f]{10}$/);
  });
});

describe("a kept key", () => {
  it("is made once, for its owner alone, and read from then on", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/key`;
      const key = keptKey(path);
      assertEquals([keptKey(path), readKey(path)], [key, key]);
      assertMatch(key, /^[0-9a-f]{64}$/);
      assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("is no file that is too short to be one, and not made where it is only read", async () => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, "secret\n");
      assertThrows(() => keptKey(path), Error, "has fewer than 32 characters");
      assertThrows(() => readKey(`${path}.no`), Deno.errors.NotFound);
    } finally {
      await Deno.remove(path);
    }
  });
});
