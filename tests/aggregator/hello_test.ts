import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { create } from "@bufbuild/protobuf";
import { refusalOfHello } from "../../aggregator/intake/hello.ts";
import { ACTIONS_OF_ROLE, type Identity } from "../../identity/identity.ts";
import { EdgeHelloSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { CloseCode } from "../../proto/words.ts";

const DEPLOY: Identity = {
  ...{ uri: "slipstream://fleet/edge/deploy", id: "deploy", actions: ACTIONS_OF_ROLE.viewer, droneIds: null },
  ...{ proof: "token 1", signer: null, issuedMs: 0, expiresMs: Infinity },
};

const refusal = (edgeId: string, identity = DEPLOY) =>
  refusalOfHello(create(EdgeHelloSchema, { edgeId, session: 1n }), identity);

describe("an edge's hello", () => {
  for (const edgeId of ["deploy", "deploy~7k2m9x0q", "deploy~2", "deploy~64", "deploy~pod-7.a~2"]) {
    it(`as ${edgeId} is proven by the proof of deploy`, () => {
      assertEquals(refusal(edgeId), null);
    });
  }

  for (
    const edgeId of ["deploy2", "deploy.7k2m9x0q", "other~deploy", "deplo", "Deploy~1", "deploy~", "deploy~é", "~1"]
  ) {
    it(`as ${edgeId} is not`, () => {
      assertEquals(
        refusal(edgeId),
        { code: CloseCode.policyViolation, why: `Cannot connect as ${edgeId}: the proof is of deploy` },
      );
    });
  }

  it("is proven by the proof of one of several for that one's own edges alone", () => {
    const pod = { ...DEPLOY, id: "deploy~pod-7" };
    assertEquals(refusal("deploy~pod-7~2", pod), null);
    for (const edgeId of ["deploy", "deploy~2", "deploy~pod-71", "deploy~pod-71~2", "deploy~pod-8~2"]) {
      assertEquals(refusal(edgeId, pod)?.why, `Cannot connect as ${edgeId}: the proof is of deploy~pod-7`);
    }
  });
});
