// The console: follows /v1/events and hands each event to the part of the page that shows it. Everything a drone or an
// edge can name is hostile: text only ever becomes textContent.
import { AlertList } from "./alerts.js";
import { DronePanel } from "./drone.js";
import { FleetNumbers } from "./fleet.js";
import { FleetMap } from "./map.js";

const element = (id) => document.getElementById(id);

const numbers = new FleetNumbers(element);
const panel = new DronePanel(element, { onShow: (id) => map.select(id) });
const map = new FleetMap(element("map"), { onPick: (id) => panel.show(id) });
const alerts = new AlertList(element, {
  onDrone: (id) => panel.show(id),
  onConflicts: (conflicts) => map.showConflicts(conflicts),
});

function showConnection(state, text) {
  const place = element("connection");
  if (place.textContent === text) return;
  place.dataset.state = state;
  place.textContent = text;
}

function follow() {
  const source = new EventSource("/v1/events");
  const on = (name, show) => source.addEventListener(name, ({ data }) => show(JSON.parse(data)));
  on("fleet", (fleet) => {
    numbers.showFleet(fleet);
    const connected = fleet.edges.filter(({ connections }) => connections > 0);
    element("edges").textContent = `${connected.length} of ${fleet.edges.length} edges connected`;
  });
  on("window", (window) => numbers.showWindow(window));
  on("alert", (alert) => alerts.show(alert));
  on("positions", ({ drones, gone }) => {
    map.update(drones, gone);
    panel.offer(map.ids());
    element("map-empty").hidden = map.ids().length > 0;
  });
  source.onopen = () => {
    showConnection("live", "live");
    alerts.load();
  };
  source.onerror = () => {
    showConnection("lost", "connection lost, trying again");
    // The browser gives up after an HTTP error, unlike after a broken connection.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 2000);
  };
}

follow();
