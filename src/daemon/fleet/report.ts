import type { FleetDoorStatus, FleetRemoval } from "../api.ts";
import type { DoorDocument } from "./documents.ts";
import type { RootHistory } from "./root-history.ts";
import type { FleetStore } from "./store.ts";
import type { FleetView } from "./view.ts";

/** Removals that are looked at for the report. */
const newestRemovals = 100;

/** Which doors know what we know. Pure reading. */
export function reportDoors(parts: {
  readonly doors: readonly { readonly id: string; readonly writes: boolean }[];
  readonly said: readonly DoorDocument[];
  readonly view: FleetView;
  readonly history: RootHistory;
  readonly store: Pick<FleetStore, "removals">;
}): { doors: FleetDoorStatus[]; removals: FleetRemoval[] } {
  const { doors, said, view, history, store } = parts;
  const saidBy = new Map(said.map((document) => [document.door, document]));
  const stepOf = (door: string) => history.stepOf(saidBy.get(door)?.root ?? "") ?? 0;
  const removals = store.removals(newestRemovals).map(({ topic, step, door }) => ({
    topic,
    by: door,
    waitingFor: doors.filter(({ id }) => stepOf(id) < step).map(({ id }) => id),
  }));
  const reports = doors.map(({ id, writes }): FleetDoorStatus => {
    const document = saidBy.get(id);
    const unconfirmed = removals.filter(({ waitingFor }) => waitingFor.includes(id)).length;
    if (!document) return { door: id, writes, saidAt: null, standing: "silent", people: null, unconfirmed };
    const isOurs = history.stepOf(document.root) !== undefined;
    const standing = document.root === view.root ? "in-step" : isOurs ? "behind" : "other";
    const saidAt = new Date(document.atMs).toISOString();
    return { door: id, writes, saidAt, standing, people: document.records - document.removed, unconfirmed };
  });
  return { doors: reports, removals: removals.filter(({ waitingFor }) => waitingFor.length > 0) };
}
