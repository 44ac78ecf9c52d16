import type { Door, EventLog, OtherDoors } from "../api.ts";

/**
 * The request-to-exit button where it waits for the other doors (`interlock.requestToExit: obeys`). The door machine then
 * only excuses the opening; it is here that the button opens.
 */
export function obeyingExitButton(parts: {
  readonly events: Pick<EventLog, "append" | "subscribe">;
  readonly door: Pick<Door, "unlock">;
  readonly otherDoors: OtherDoors;
}): () => void {
  const { events, door, otherDoors } = parts;
  return events.subscribe(({ type }) => {
    if (type !== "rex") return;
    void otherDoors.claim().then((refusal) => {
      if (!refusal) return void door.unlock(undefined, { source: "rex" });
      const { partner, why } = refusal;
      events.append("denied", { by: "rex", reason: "interlock", why, ...(partner === null ? {} : { partner }) });
    });
  });
}
