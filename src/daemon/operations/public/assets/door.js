import { request } from "./api.js";
import { act, byId, element } from "./elements.js";

const panel = document.querySelector('[data-panel="door"]');
const said = panel.querySelector(".said");
const lockTones = { locked: "good", unlocked: "warn", unknown: "bad" };

export function showDoor({ lock, mode, contact, alarms }) {
  byId("lock").textContent = lock;
  byId("lock").className = `pill ${lockTones[lock] ?? "bad"}`;
  byId("mode").textContent = contact === "unknown" ? mode : `${mode}, door ${contact}`;
  byId("alarms").hidden = alarms.length === 0;
  byId("alarms").replaceChildren(...alarms.flatMap((alarm) => [`Alarm: ${alarm}`, acknowledgement(alarm)]));
  const chosen = panel.querySelector(`input[value="${mode}"]`);
  if (chosen) chosen.checked = true;
}

export function startDoor() {
  byId("unlock").addEventListener("click", (event) =>
    act(event.target, said, async () => {
      const { openSeconds } = await request("door/unlock");
      return `Open for ${openSeconds} seconds.`;
    }),
  );
  byId("relock").addEventListener("click", (event) =>
    act(event.target, said, async () => {
      await request("door/lock");
      return "Locked.";
    }),
  );
  for (const radio of panel.querySelectorAll('input[name="mode"]')) {
    radio.addEventListener("change", () =>
      act(radio, said, async () => {
        await request("door/mode", { mode: radio.value });
        return `Mode: ${radio.value}.`;
      }),
    );
  }
}

// --- internal ---

function acknowledgement(alarm) {
  const button = element("button", { type: "button" }, "Acknowledge");
  button.addEventListener("click", () =>
    act(button, said, async () => {
      await request("alarms/acknowledge", { alarm });
      return `The alarm "${alarm}" was acknowledged.`;
    }),
  );
  return button;
}
