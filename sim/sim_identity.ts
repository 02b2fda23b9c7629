// Who a simulated drone says it is, and what nobody is told of it.
import type { DroneIdentity } from "../clients/typescript/src/frame.ts";

export interface SimIdentity extends DroneIdentity {
  /** Of several that say they are the same drone and boot: which one. */
  twin?: number;
}
