import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { messageOf } from "../../aggregator/webhooks/message.ts";
import { headersOf } from "../../aggregator/webhooks/signature.ts";
import { alert } from "../aggregator/fake_pipeline.ts";
import { SETTINGS } from "./courier_rig.ts";

const change = (over: Partial<AlertEvent> = {}) => {
  const told = alert(17, { kind: "conflict", severity: "critical", detail: "", droneIds: ["a", "b"], ...over });
  return { id: 1, journal: "journal-1", alertId: 17, revision: told.revision, atUs: told.changedTimeUs, alert: told };
};
const told = (over: Partial<AlertEvent>, to: Partial<typeof SETTINGS> = {}) => {
  const { body, ...message } = messageOf(change(over), { ...SETTINGS, consoleUrl: "https://ops.example.com/", ...to });
  return { ...message, payload: JSON.parse(body) };
};

describe("what a webhook is told", () => {
  it("is Alertmanager's payload, version 4: firing until it ends, under one fingerprint", () => {
    const { payload, contentType, key } = told({});
    assertEquals([contentType, key], ["application/json", "journal-1_17_1"]);
    const { alerts: [one], ...group } = payload;
    const labels = { alertname: "conflict", severity: "critical", alert: "17", drones: "a,b" };
    const { commonAnnotations, ...rest } = group;
    assertEquals(rest, {
      version: "4",
      groupKey: '{}:{alert="17", journal="journal-1"}',
      truncatedAlerts: 0,
      status: "firing",
      receiver: "ops",
      groupLabels: { alertname: "conflict" },
      commonLabels: labels,
      externalURL: "https://ops.example.com/",
    });
    assertEquals(commonAnnotations, one.annotations);
    assertEquals([one.status, one.labels, one.endsAt], ["firing", labels, "0001-01-01T00:00:00Z"]);
    assertEquals(Date.parse(one.startsAt) * 1000, change().alert.raisedTimeUs);
    const over = told({ transition: "resolve", revision: 2, changedTimeUs: change().alert.raisedTimeUs + 5e6 });
    const { alerts: [ended], status } = over.payload;
    assertEquals([status, ended.status, ended.fingerprint], ["resolved", "resolved", one.fingerprint]);
    assertEquals(Date.parse(ended.endsAt) - Date.parse(ended.startsAt), 5000);
    assertMatch(one.fingerprint, /^[0-9a-f]{16}$/);
    assertNotEquals(over.key, key);
  });

  it("is over for who hears of critical ones only when it is critical no more", () => {
    const { payload } = told({ transition: "downgrade", severity: "warning" }, { severities: ["critical"] });
    assertEquals([payload.status, payload.alerts[0].status], ["resolved", "resolved"]);
  });

  it("names some drones of many, and says how many more there are", () => {
    const { payload } = told({ droneIds: Array.from({ length: 20 }, (_, i) => `d${i}`) });
    assertMatch(payload.alerts[0].labels.drones, /^d0,.*,d15,\+4$/);
  });

  it("is a CloudEvent where that is asked for, with the alert as the API shows it", () => {
    const { payload, contentType, key } = told({}, { format: "cloudevents" });
    assertEquals(contentType, "application/cloudevents+json");
    const { data, time, ...event } = payload;
    assertEquals(event, {
      specversion: "1.0",
      id: key,
      source: "/slipstream/journal-1",
      type: "slipstream.alert.raise.v1",
      subject: "alert/17",
      datacontenttype: "application/json",
    });
    assertEquals(Date.parse(time) * 1000, change().alert.changedTimeUs);
    assertEquals(data, JSON.parse(JSON.stringify(change().alert)));
  });
});

describe("the signature", () => {
  it("is that of Standard Webhooks: what its own example has", () => {
    const message = {
      key: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      contentType: "application/json",
      body: '{"test": 2432232314}',
    };
    const secret = Uint8Array.fromBase64("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    const headers = headersOf(message, { secrets: [secret, new Uint8Array(24)], unixS: 1_614_265_330 });
    assertEquals(headers["webhook-id"], message.key);
    assertEquals(headers["webhook-timestamp"], "1614265330");
    assertEquals(headers["idempotency-key"], `"${message.key}"`);
    const [first, second] = headers["webhook-signature"]!.split(" ");
    assertEquals(first, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assertMatch(second!, /^v1,[A-Za-z0-9+/]{43}=$/);
  });
});
