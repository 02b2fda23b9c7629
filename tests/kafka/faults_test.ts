import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ChaosSystem } from "../chaos/system.ts";
import { freePort } from "../e2e/free_port.ts";
import { PkiRig } from "../identity/pki_rig.ts";
import { inTrouble, published } from "../publishing/published.ts";
import { fly } from "./flight.ts";
import { hasKafka, KafkaServer } from "./kafka_server.ts";

type Env = Record<string, string>;

describe("a broker that cannot be published to", { ignore: !hasKafka }, () => {
  it("is told about while drones are acknowledged as ever, and gets all of it once it is there", async () => {
    await using kafka = await KafkaServer.start();
    await kafka.kill();
    await using system = await ChaosSystem.start({ aggregatorEnv: { SLIPSTREAM_KAFKA: kafka.address } });
    const sent = await fly(system, "early");
    assertMatch(await inTrouble(system, "kafka"), /ECONNREFUSED|refused/i);
    const { alerts } = await (await fetch(`${system.aggregatorUrl}/v1/alerts?state=open`)).json();
    assertMatch(JSON.stringify(alerts), /Cannot publish to Kafka: /);
    await kafka.restart();
    await published(system, "kafka");
    assertEquals((await kafka.consume("fleet")).counted, sent);
  });

  it("by TLS and password is published to, said so with a wrong password, certificate or topic", async () => {
    await using pki = await PkiRig.create();
    const pemPath = await pki.with((open) => open.issueToServer(["localhost"], { hours: 24 }));
    await using other = await PkiRig.create();
    await using kafka = await KafkaServer.start({
      secured: { pemPath, user: "sink", password: "right", mayNothing: true },
    });
    const env = (password: string, caPath: string): Env => ({
      SLIPSTREAM_KAFKA: kafka.securedAddress,
      SLIPSTREAM_KAFKA_CA: caPath,
      SLIPSTREAM_KAFKA_LOGIN: `SCRAM-SHA-256:sink:${password}`,
    });
    for (
      const [password, by, trouble] of [
        ["wrong", pki, /[Aa]uthentication/],
        ["right", other, /certificate|UnknownIssuer/],
        ["right", pki, null],
      ] as const
    ) {
      await using system = await ChaosSystem.start({ aggregatorEnv: env(password, by.file("ca.pem")) });
      const sent = await fly(system, "secured");
      if (trouble) {
        assertMatch(await inTrouble(system, "kafka"), trouble);
        continue;
      }
      // It may not make topics either.
      assertMatch(
        await inTrouble(system, "kafka"),
        /Cannot make the topic fleet-telemetry, which is missing: .*uthoriz/,
      );
      for (const kind of ["telemetry", "metrics", "alerts", "losses"]) {
        await kafka.createTopic(`fleet-${kind}`);
        await kafka.allow("sink", `fleet-${kind}`);
      }
      await published(system, "kafka");
      assertEquals((await kafka.consume("fleet")).counted, sent);
    }
  });

  it("that listens to nobody's words holds up nothing, and a stop ends it in time", async () => {
    // It takes connections, and never answers.
    using silent = Deno.listen({ hostname: "127.0.0.1", port: freePort() });
    await using system = await ChaosSystem.start({
      aggregatorEnv: { SLIPSTREAM_KAFKA: `127.0.0.1:${(silent.addr as Deno.NetAddr).port}` },
    });
    await fly(system, "unheard");
    const beganMs = performance.now();
    await system.stopAggregator();
    assertEquals(performance.now() - beganMs < 15_000, true);
  });
});
