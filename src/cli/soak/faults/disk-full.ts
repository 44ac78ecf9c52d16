import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../core/clock.ts";
import { errorText } from "../../../core/errors.ts";
import type { Fault } from "./fault.ts";

/** Not a byte is left on the disk of the state, and then there is room again. */
export const diskFull: Fault = {
  name: "disk full",
  endsDaemon: false,
  answersWithinMs: 5000,
  unavailable: ({ hasOwnDisk }) => (hasOwnDisk ? null : "mounting a disk of its own is not allowed here"),
  async run(house) {
    const filler = join(house.disk, "filler");
    const { seq } = (await house.health()).audit;
    let movedMs: number;
    let refusal: string;
    let waiting: number;
    try {
      fill(filler);
      movedMs = await house.unlock();
      refusal = await house.ask("people/update", { id: "enrolled", consent: "x".repeat(20) }).then(
        () => "it was changed",
        (error: unknown) => errorText(error),
      );
      waiting = (await house.health()).audit.waiting;
    } finally {
      rmSync(filler, { force: true });
    }
    if (!refusal.includes("disk is full")) throw new Error(`a change on a full disk was answered: ${refusal}`);
    const mendedMs = systemClock.nowMs();
    const { audit } = await house.untilHealthy(15_000, (health) => health.audit.waiting === 0);
    if (audit.lost > 0) throw new Error(`${audit.lost} events were lost`);
    return {
      mendedMs,
      saw: `opened by command in ${movedMs.toFixed(0)} ms; a change was refused ("the disk is full"); ${waiting} events waited in memory, ${audit.seq - seq} were written afterwards`,
    };
  },
};

// --- internal ---

function fill(file: string): void {
  for (let bytes = 1024 * 1024; bytes >= 512; ) {
    try {
      appendFileSync(file, Buffer.alloc(bytes));
    } catch {
      bytes /= 2;
    }
  }
}
