// The console: follows /v1/events and hands each event to the part of the page that shows it; looks at its own clock
// several times a second, so that it notices when nothing comes any more.
import { Alerts } from "./alerts.js";
import { DronePanel } from "./drone.js";
import { FleetDrones } from "./drones.js";
import { onceAFrame } from "./dom.js";
import { EdgeList } from "./edges.js";
import { followEvents } from "./feed.js";
import { FleetNumbers } from "./fleet.js";
import { Freshness } from "./freshness.js";
import { FleetMap } from "./map.js";
import { ask } from "./requests.js";
import { Session } from "./session.js";
import { Status } from "./status.js";

const LOOK_MS = 250;
const POLL_MS = 1000;
/** So often it is asked whether news are late, or a clock was set. */
const ASK_MS = 5000;

const element = (id) => document.getElementById(id);
const time = () => ({ clockMs: performance.now(), wallMs: Date.now() });
const clock = () => performance.now();

const freshness = new Freshness(time());
const serverUs = () => freshness.serverUs(time());
let fleet = null;
let broken = false;
let askedMs = -Infinity;
let polledMs = -Infinity;

let stopFollowing = () => {};
const session = new Session(element, {
  onBegin() {
    alerts.ownerChanged();
    stopFollowing = follow();
  },
  onEnd: () => stopFollowing(),
});
const drones = new FleetDrones();
const numbers = new FleetNumbers(element);
const edges = new EdgeList(element);
const status = new Status(element);
const panel = new DronePanel(element, {
  serverUs,
  session,
  onShow: (id) => map.select(id),
  onFollow: (id) => id && map.follow([id]),
});
const map = new FleetMap(element("map"), {
  drones,
  onPick: (id) => panel.show(id),
  onMode: (following) => element("map-all").setAttribute("aria-pressed", String(following === "all")),
});
const showAlerts = onceAFrame(() => map.showAlerts(alerts.view()));
const alerts = new Alerts(element, {
  clock,
  serverUs,
  session,
  onDrone: (id) => panel.show(id),
  onShow: ({ droneIds }) => map.follow(droneIds),
  onChange: () => showAlerts(),
});
element("map-in").addEventListener("click", () => map.zoom(1.5));
element("map-out").addEventListener("click", () => map.zoom(1 / 1.5));
element("map-all").addEventListener("click", () => map.showAll());

function showDrones() {
  map.changed();
  panel.offer(drones.ids());
  element("map-empty").hidden = drones.size > 0;
}

/** What this page knows is of this journal; of another one nothing is known yet. */
function enterWorld(journalId) {
  if (!drones.world(journalId)) return;
  numbers.clear();
  alerts.clear();
  showDrones();
}

function showFleet(report) {
  fleet = report;
  enterWorld(report.journal.journalId);
  numbers.showFleet(report);
}

function look() {
  const now = time();
  const nowUs = freshness.serverUs(now);
  status.show({ now, freshness, broken, fleet, alerts: alerts.open(), isOpen: session.isOpen });
  if (fleet) edges.show(fleet.edges, nowUs);
  if (freshness.isStale(now)) numbers.age(freshness.silentMs(now));
  alerts.tick();
  panel.tick();
  if (freshness.isLate && now.clockMs - askedMs >= ASK_MS) askTime(now.clockMs);
  // The disk holds events back, not what is known.
  const isHeldBack = fleet?.journal.state === "failing" && !freshness.isStale(now);
  if (isHeldBack && now.clockMs - polledMs >= POLL_MS) {
    polledMs = now.clockMs;
    alerts.load();
  }
}

async function askTime(nowMs) {
  askedMs = nowMs;
  const { body } = await ask("/v1/fleet");
  if (body) freshness.asked(time(), body.timeUs / 1000);
}

const follow = () =>
  followEvents({
    on: {
      fleet: showFleet,
      window: (window) => numbers.showWindow(window),
      alert: (alert) => alerts.show(alert),
      traffic: ({ aircraft }) => map.showTraffic(aircraft),
      positions: (positions) => {
        if (positions.snapshotOf !== undefined) enterWorld(positions.snapshotOf);
        drones.update(positions);
        showDrones();
      },
    },
    onNews: (name, value) => freshness.heard(time(), name === "fleet" ? value.timeUs / 1000 : undefined),
    onOpen: () => {
      broken = false;
      alerts.load();
      look();
    },
    onBroken: () => {
      broken = true;
      look();
      session.check();
    },
  });
session.check();
setInterval(look, LOOK_MS);
