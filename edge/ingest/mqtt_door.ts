// The door for MQTT: what is behind it is loaded when the first client knocks, so that an edge without any starts as fast as
// it did.
import type { Mqtt, MqttParts } from "./mqtt/mqtt.ts";

export interface MqttDoor {
  /** What speaks it. */
  open: () => Promise<Pick<Mqtt, "accept" | "take">>;
  /** Once a second. */
  check: () => void;
}

export function mqttDoor(parts: MqttParts): MqttDoor {
  let opening: Promise<Mqtt> | null = null;
  let opened: Mqtt | null = null;
  const load = async () => {
    const { Mqtt } = await import("./mqtt/mqtt.ts");
    return opened = new Mqtt(parts);
  };
  return { open: () => opening ??= load(), check: () => opened?.check() };
}
