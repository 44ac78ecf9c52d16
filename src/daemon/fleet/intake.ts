import { digestOf } from "./envelope.ts";
import type { FleetMessage } from "./inbox.ts";
import type { Ledger } from "./ledger.ts";
import { type Arrival, readRecord } from "./record-reader.ts";
import type { FleetRefusals } from "./refusals.ts";
import type { Republisher } from "./republisher.ts";
import type { Roster } from "./roster.ts";
import type { FleetView } from "./view.ts";

export interface IntakeParts {
  readonly site: string;
  readonly view: FleetView;
  readonly ledger: Pick<Ledger, "isOpened" | "noteMessage">;
  readonly refusals: FleetRefusals;
  readonly republisher: Pick<Republisher, "seen" | "heal">;
}

/**
 * Opens the records of a batch, at once, and gives those that are newer than what is known. What is older, or no record at
 * all, is counted, and the broker gets the right one again. A message that was opened before is not opened again.
 */
export async function readNewer(
  batch: readonly FleetMessage[],
  roster: Roster,
  { site, view, ledger, refusals, republisher }: IntakeParts,
): Promise<Arrival[]> {
  const records = batch.filter(({ kind }) => kind === "person");
  const known = new Set(records.filter(({ id, payload }) => ledger.isOpened(id, digestOf(payload))));
  for (const { id } of known) republisher.seen(id);
  const unknown = records.filter((message) => !known.has(message));
  const read = await Promise.all(unknown.map(({ id, payload }) => readRecord(id, payload, { site, roster })));
  const newer: Arrival[] = [];
  for (const [i, { id }] of unknown.entries()) {
    const answer = read[i];
    if (answer === undefined) throw new Error("every message has an answer");
    const standing = answer.ok ? view.compare(id, answer.value.stamp) : answer.reason;
    if (standing === "newer" || standing === "same") republisher.seen(id);
    else {
      refusals.add("person", standing);
      if (view.get(id)) republisher.heal(id);
    }
    if (!answer.ok) continue;
    if (standing === "newer") newer.push(answer.value);
    if (standing === "same") ledger.noteMessage(id, answer.value.message);
  }
  return newer;
}
