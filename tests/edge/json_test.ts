import { create, type DescMessage, fromJsonString, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AlertSchema } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { type DroneDownlink, DroneDownlinkSchema, RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { AlertOutcome } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { Changes } from "../changes.ts";
import { type Rig, withEdge } from "./rig.ts";

/** A browser, or a script without protobuf. */
class TextDrone {
  readonly heard: DroneDownlink[] = [];
  readonly #socket: WebSocket;
  readonly #changes = new Changes();
  #closed: CloseEvent | null = null;

  constructor({ url }: Rig) {
    this.#socket = new WebSocket(`${url.replace("http", "ws")}/v1/telemetry`, ["slipstream.json.v1"]);
    this.#socket.onmessage = ({ data }) => {
      this.heard.push(fromJsonString(DroneDownlinkSchema, data));
      this.#changes.happened();
    };
    this.#socket.onclose = (event) => {
      this.#closed = event;
      this.#changes.happened();
    };
  }

  send(message: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(message);
  }

  /** The first that it hears of that kind. */
  hear<Case extends DroneDownlink["body"]["case"]>(kind: Case) {
    type Body = Extract<DroneDownlink["body"], { case: Case }>;
    return this.#changes.until(() =>
      this.heard.map(({ body }) => body).find((body): body is Body => body.case === kind)
    );
  }

  get closed(): Promise<CloseEvent> {
    return this.#changes.until(() => this.#closed ?? undefined);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}

function json<Schema extends DescMessage>(schema: Schema, init: MessageInitShape<Schema>): string {
  return toJsonString(schema, create(schema, init));
}

const FRAME =
  `{"droneId":"d1","bootId":7,"records":[{"seq":3,"eventTimeUs":"1790000000000000","battery":{"voltageMv":15000}}]}`;

async function withText(
  config: Parameters<typeof withEdge>[0],
  test: (drone: TextDrone, rig: Rig) => Promise<void>,
): Promise<void> {
  await withEdge(config, async (rig) => {
    const drone = new TextDrone(rig);
    await drone.hear("hello");
    await test(drone, rig);
    await drone.close();
  });
}

describe("JSON over a WebSocket", () => {
  it("takes a frame, and acknowledges it", () =>
    withText({}, async (drone) => {
      drone.send(FRAME);
      const { value } = await drone.hear("ack");
      const { bootId, ranges } = value;
      assertEquals([bootId, ranges.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])], [7, [[3, 3]]]);
    }));

  it("is refused by its rate as others are", () =>
    withText({ droneBurst: 1, droneRatePerS: 1 }, async (drone) => {
      drone.send(FRAME);
      drone.send(FRAME.replace(`"seq":3`, `"seq":4`));
      assertEquals((await drone.hear("throttle")).value.reason, RefusalReason.DRONE_RATE);
    }));

  it("warns, and takes the acknowledgement", () =>
    withText({}, async (drone, { aggregator }) => {
      drone.send(FRAME);
      await drone.hear("ack");
      const alert = create(AlertSchema, { alertId: 9n, revision: 1, droneIds: ["d1"], message: "mind" });
      aggregator.tell({ case: "alerts", value: { alerts: [{ droneId: "d1", alert }] } });
      assertEquals((await drone.hear("alert")).value.message, "mind");
      drone.send(json(TelemetryFrameSchema, { droneId: "d1", alertAcks: [{ alertId: 9n, revision: 1 }] }));
      await aggregator.messages.until(() => aggregator.receipts.length > 0);
      assertEquals(aggregator.receipts.map(({ outcome }) => outcome), [AlertOutcome.ACKNOWLEDGED]);
    }));

  for (
    const [wrong, says] of [
      [`{"droneId":"d1","records":[{"seq":-1}]}`, /Telemetry.*seq/],
      [`{"droneId":"d1","records":[{"seq":1,"position":{"lat_e7":1.5}}]}`, /Position.*lat_?e7/i],
      [`{"droneId":"d1","speed":1}`, /speed/],
      [`{"droneId":`, /JSON/],
    ] as const
  ) {
    it(`says which field is wrong in ${wrong}`, () =>
      withText({}, async (drone, { status }) => {
        drone.send(wrong);
        assertMatch((await drone.hear("frameFault")).value.reason, says);
        const { records, frames } = await status();
        assertEquals([records.received, records.malformed, frames.malformed], [1, 1, 1]);
      }));
  }

  it("closes over a binary message, and over too many that cannot be read", () =>
    withEdge({}, async (rig) => {
      const [binary, flood] = [new TextDrone(rig), new TextDrone(rig)];
      await Promise.all([binary.hear("hello"), flood.hear("hello")]);
      binary.send(new Uint8Array(3));
      // The last of them is one too many.
      for (let i = 0; i < 100; i++) flood.send("{");
      assertEquals([(await binary.closed).code, (await flood.closed).code], [1003, 1007]);
    }));
});
