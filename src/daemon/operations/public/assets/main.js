import { startAim, stopAim } from "./aim.js";
import { post, request } from "./api.js";
import { showDoor, startDoor } from "./door.js";
import { byId } from "./elements.js";
import { addEvent } from "./events.js";
import { startHealth } from "./health.js";
import { refreshPeople, startPeople } from "./people.js";

const changesPeople = new Set(["enrolled", "updated", "removed"]);
let tab = "door";

/** Follows the door for as long as the page is open; the browser reconnects by itself while the session holds. */
function followDoor() {
  const source = new EventSource("/api/stream");
  source.addEventListener("state", ({ data }) => {
    byId("connection").hidden = true;
    const { door, event } = JSON.parse(data);
    showDoor(door);
    if (!event) return;
    addEvent(event);
    if (changesPeople.has(event.type)) refreshPeople().catch(() => {});
  });
  source.addEventListener("error", () => {
    byId("connection").hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000);
  });
}

function showTab(name) {
  tab = name;
  for (const button of document.querySelectorAll("[data-tab]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tab === name));
  }
  for (const panel of document.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== name;
  if (name !== "aim") stopAim();
}

/** Older events first, so that the newest is on top. */
async function showRecentEvents() {
  const { audit } = await request("health");
  const { events } = await request("events/replay", { from: Math.max(1, (audit?.seq ?? 0) - 49) });
  for (const event of events) addEvent(event);
}

async function open() {
  const config = await request("config/show");
  byId("login").hidden = true;
  byId("operations").hidden = false;
  byId("door-id").textContent = config.door?.id ?? "Lintel";
  document.title = `${config.door?.id ?? "Operations"} · Lintel`;
  startDoor();
  startPeople();
  startAim();
  startHealth(() => tab === "health");
  for (const button of document.querySelectorAll("[data-tab]")) {
    button.addEventListener("click", () => showTab(button.dataset.tab));
  }
  byId("logout").addEventListener("click", async () => {
    await post("/api/logout").catch(() => {});
    location.reload();
  });
  await showRecentEvents().catch(() => {});
  followDoor();
  await refreshPeople();
}

function askForToken() {
  const form = byId("login");
  form.hidden = false;
  byId("token").focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post("/api/login", { token: byId("token").value });
      location.reload();
    } catch (error) {
      form.querySelector(".problem").textContent = error.message;
    }
  });
}

open().catch((error) => {
  if (error.status === 401) askForToken();
  else document.body.textContent = `Lintel: ${error.message}`;
});
