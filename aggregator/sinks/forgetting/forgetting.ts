// What is said of drones, without one that is erased: what others are concerned in as well, or counts a fleet, stays under a name.
// By this the database is changed, and what it answers before that is done.
import type { AlertEvent, Erased, SlidingWindow } from "../../outputs.ts";
import { holds, objectOf, renamedIn } from "./naming.ts";

/** What the others of an alert are still concerned in; null: there are none. */
export function alertWithout(alert: AlertEvent, { droneIds, name }: Erased): AlertEvent | null {
  if (alert.droneIds.every((droneId) => droneIds.includes(droneId))) return null;
  const renamed = (droneId: string) => droneIds.includes(droneId) ? name : droneId;
  const said = (text: string) => renamedIn(text, alert.droneIds, renamed);
  const { conflict, path } = alert;
  return {
    ...alert,
    droneIds: alert.droneIds.map(renamed),
    message: said(alert.message),
    path: path && { ...path, droneId: renamed(path.droneId) },
    conflict: conflict && {
      ...conflict,
      assumed: conflict.assumed.map(said),
      // Alerts of releases before do not have them.
      partners: conflict.partners?.filter(({ id }) => !droneIds.includes(id)),
    },
  };
}

/** The window itself where it does not name the drone; a fleet or zone may be called as the drone is. */
export function windowWithout<W extends Partial<Pick<SlidingWindow, "drift">>>(
  window: W,
  { droneIds, name }: Erased,
): W {
  const { drift } = window;
  if (!drift || !droneIds.includes(drift.worstDroneId)) return window;
  return { ...window, drift: { ...drift, worstDroneId: name } };
}

/** JSON of what the history tells of something; null: of nobody but the drone. */
export function bodyWithout(body: string, erased: Erased): string | null {
  const names = new Set(erased.droneIds);
  const told = objectOf(body);
  if (typeof told !== "object" || told === null) return body;
  if ("error" in told && holds(String(told.error), names)) {
    return JSON.stringify({ ...told, error: renamedIn(String(told.error), erased.droneIds, () => erased.name) });
  }
  if (!holds(body, names)) return body;
  if ("droneId" in told) return names.has(String(told.droneId)) ? null : body;
  if ("drift" in told) return JSON.stringify(windowWithout(told as SlidingWindow, erased));
  const left = "droneIds" in told ? alertWithout(told as AlertEvent, erased) : told;
  return left && JSON.stringify(left);
}
