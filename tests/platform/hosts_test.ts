import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isHost, refusalOfHost } from "../../platform/hosts.ts";

const KNOWN = new Set(["ops.example.com", "10.0.0.7", "[fd00::7]"]);

describe("refusalOfHost", () => {
  it("answers to loopback by any name or port, to the names it is told, and to who is no browser", () => {
    for (
      const host of [
        undefined,
        "localhost",
        "LocalHost:8788",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.255.0.3:8788",
        "[::1]",
        "[0:0:0:0:0:0:0:1]:8788",
        "ops.example.com",
        "OPS.example.com:443",
        "10.0.0.7:8788",
        "[fd00::7]:8788",
      ]
    ) assertEquals(refusalOfHost(host, KNOWN), null, host);
  });

  it("does not answer to a name that leads here, however it is written", () => {
    for (
      const host of [
        "",
        "evil.example",
        "evil.example:8788",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "notlocalhost",
        "localhost@evil.example",
        "evil.example@localhost",
        "evil.example#localhost",
        "evil.example/localhost",
        "localhost, evil.example",
        "localhost evil.example",
        "localhost\\evil.example",
        "x.ops.example.com",
        "ops.example.com.evil.example",
        "0.0.0.0:8788",
        "10.0.0.8",
        "[::]",
        "::1",
        "localhost:port",
      ]
    ) assertStringIncludes(refusalOfHost(host, KNOWN) ?? "", "SLIPSTREAM_HOSTS", host);
  });
});
describe("isHost", () => {
  it("takes names and addresses, and nothing with a port or a scheme", () => {
    for (const host of ["ops.example.com", "edge", "10.0.0.7", "[fd00::7]"]) assertEquals(isHost(host), true, host);
    for (const text of ["https://ops.example.com", "ops.example.com:8788", "fd00::7", "*", "a b", "a/b", "10.7"]) {
      assertEquals(isHost(text), false, text);
    }
  });
});
