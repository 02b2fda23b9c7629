import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../edge/config.ts";

const PEOPLE = {
  SLIPSTREAM_PEOPLE_KEYS: "https://login.example.com/keys",
  SLIPSTREAM_PEOPLE_ISSUER: "https://login.example.com/",
  SLIPSTREAM_PEOPLE_AUDIENCE: "console",
};

const identityOf = (env: Record<string, string>) => readEdgeConfig(env).identity;

describe("settings of who is let in", () => {
  it("take keys from a file, by TLS, and from the machine itself, and from nowhere else", () => {
    for (
      const where of ["keys.json", "/a/b", "https://a.example.com/keys?x=1", "http://127.0.0.1:1/", "http://[::1]/k"]
    ) {
      assertEquals(identityOf({ SLIPSTREAM_TOKEN_KEYS: where })?.tokens?.keys, where);
    }
    for (
      const where of [
        ...["http://a.example.com/keys", "https://ann:secret@a.example.com/", "https://ann@a.example.com/", "https://"],
        ...["ftp://a.example.com/", "file:///etc/passwd", "http://127.0.0.1.example.com/", "data://x"],
      ]
    ) {
      for (const name of ["SLIPSTREAM_TOKEN_KEYS", "SLIPSTREAM_PEOPLE_KEYS"]) {
        assertThrows(
          () => readEdgeConfig({ ...PEOPLE, [name]: where }),
          TypeError,
          "must be the path of a file",
        );
      }
    }
  });

  it("believe people of a provider by its keys, its name and their audience: all of them, or none", () => {
    const claims = { name: "sub", role: "roles" };
    const people = {
      keys: PEOPLE.SLIPSTREAM_PEOPLE_KEYS,
      issuer: PEOPLE.SLIPSTREAM_PEOPLE_ISSUER,
      audience: "console",
    };
    assertEquals(identityOf(PEOPLE)?.people, { ...people, claims });
    const named = { SLIPSTREAM_PEOPLE_NAME: "email", SLIPSTREAM_PEOPLE_ROLE: "a.b" };
    assertEquals(identityOf({ ...PEOPLE, ...named })?.people?.claims, { name: "email", role: "a.b" });
    for (const name of Object.keys(PEOPLE)) {
      assertThrows(() => readEdgeConfig({ ...PEOPLE, [name]: "" }), TypeError, "all of them, or none");
    }
    assertEquals(identityOf({}), null);
  });

  it("know whose keys a token is for by who has signed it", () => {
    const same = { ...PEOPLE, SLIPSTREAM_TOKEN_KEYS: "k", SLIPSTREAM_TOKEN_ISSUER: PEOPLE.SLIPSTREAM_PEOPLE_ISSUER };
    assertThrows(() => readEdgeConfig(same), TypeError, "must not be SLIPSTREAM_TOKEN_ISSUER");
  });

  it("let a process listen elsewhere with people alone, and not in the clear", () => {
    assertThrows(
      () => readEdgeConfig({ ...PEOPLE, SLIPSTREAM_EDGE_HOST: "0.0.0.0" }),
      TypeError,
      "SLIPSTREAM_TLS_CERT",
    );
    const behind = { ...PEOPLE, SLIPSTREAM_EDGE_HOST: "0.0.0.0", SLIPSTREAM_PROXIES: "10.0.0.1" };
    assertEquals(identityOf(behind)?.proxies, new Set(["10.0.0.1"]));
  });
});
