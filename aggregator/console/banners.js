// What an operator must know before anything else on the page: whether it can be believed at all.
import { ageWords, clockWords, millisecondsWords, namesWords } from "./words.js";
import { levelOf } from "./thresholds.js";

const OPEN = "Nobody must prove who they are here: it listens on loopback only.";

/**
 * Banners as `{key, severity, title, detail}`, the worst first.
 * @param news `{silentMs, lastWallMs, lateMs, isStale, isLate}` of Freshness; `broken`: the connection ended
 * @param fleet the latest report, null before the first; `alerts`: those that are open; `isOpen`: nobody must prove anything
 */
export function bannersOf({ news, broken, fleet, alerts, isOpen }) {
  const list = [];
  if (news.isStale || (broken && news.lastWallMs !== null)) list.push(silence({ news, broken }));
  else if (news.isLate) {
    const age = ageWords(news.lateMs / 1000);
    list.push(
      critical("late", `What is shown here is ${age} old`, "The way from the aggregator to this page is too slow."),
    );
  }
  if (fleet) list.push(...aboutUs(fleet));
  // Alerts about the system itself name no drone as their subject, or group those that it hides from us.
  for (const { alertId, kind, detail, severity, droneIds, message } of alerts) {
    const isAboutUs = droneIds.length === 0 || kind === "edge-lost";
    if (!isAboutUs || severity !== "critical" || detail === "journal") continue;
    list.push(critical(`alert/${alertId}`, message, ""));
  }
  if (isOpen) list.push({ key: "open", severity: "note", title: "Open to everybody on this machine", detail: OPEN });
  return list.slice(0, 6);
}

function silence({ news, broken }) {
  if (news.lastWallMs === null) {
    return critical(
      "silence",
      "No news yet",
      `Nothing has come from the aggregator for ${ageWords(news.silentMs / 1000)}.`,
    );
  }
  const why = broken ? "The connection to the aggregator is lost; trying again." : "The aggregator says nothing.";
  const since = `${news.isStale ? "Stale" : "Connection lost"} since ${clockWords(news.lastWallMs)}`;
  return critical(
    "silence",
    since,
    `${why} No news for ${ageWords(news.silentMs / 1000)}; all below is as it was then.`,
  );
}

function aboutUs(fleet) {
  const list = [];
  if (fleet.journal?.state === "failing") {
    const detail = "Nothing is acknowledged until it can. Drones are still warned; alerts are asked for each second.";
    list.push(critical("journal", "The journal cannot be written", detail));
  }
  const lagMs = fleet.watermarkLagMs;
  const late = lagMs !== null && levelOf("watermarkLagMs", lagMs) !== "ok" && fleet.drones > 0;
  const behind = late ? `The numbers are ${millisecondsWords(lagMs)} behind what is happening.` : "";
  if (fleet.tooSlow) {
    const { what, lagMs } = fleet.tooSlow;
    const own = lagMs > 0 ? `${what}: ${millisecondsWords(lagMs)} behind.` : `${what}.`;
    list.push(critical("too-slow", "This machine is too slow for the fleet", [own, behind].filter(Boolean).join(" ")));
  } else if (late) {
    list.push({ ...critical("lag", "The fleet's numbers lag behind", behind), severity: severityOf(lagMs) });
  }
  const away = fleet.edges.filter(({ connections }) => connections === 0);
  if (away.length > 0) {
    const since = clockWords(Math.min(...away.map(({ lastMessageTimeUs }) => lastMessageTimeUs)) / 1000);
    const title = `${away.length === 1 ? "Edge" : "Edges"} not connected: ${
      namesWords(away.map(({ edgeId }) => edgeId))
    }`;
    list.push({ key: "edges", severity: "warning", title, detail: `Last heard ${since}.` });
  }
  return list;
}

function severityOf(lagMs) {
  return levelOf("watermarkLagMs", lagMs) === "bad" ? "critical" : "warning";
}

function critical(key, title, detail) {
  return { key, severity: "critical", title, detail };
}
