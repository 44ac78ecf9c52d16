import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoPictures, hangDemoPictures } from "../../src/cli/demo/demo-pictures.ts";
import type { ArtState } from "../../src/daemon/api.ts";
import type { DoorRig } from "./door-rig.ts";
import { poll } from "./poll.ts";

/** What a painting daemon is asked for in tests of whole processes. */
export const picture = { ...demoPictures, atOnce: true };
export const smallPainting = { size: 160, steps: 40, seed: 7 };
/** Long enough to be interrupted. */
export const longPainting = { size: 256, steps: 5000, seed: 7 };

/** Two folders with a computed picture each. */
export async function hangInputs(): Promise<{ content: string; style: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "lintel-pictures-"));
  const environment = await hangDemoPictures(folder);
  return {
    content: environment.LINTEL__art__contentDirectory ?? "",
    style: environment.LINTEL__art__styleDirectory ?? "",
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Paints only what is asked for, and keeps each step. */
export function artConfigOf(inputs: { readonly content: string; readonly style: string }) {
  return {
    contentDirectory: inputs.content,
    styleDirectory: inputs.style,
    // a date that never comes
    window: { from: "0 0 31 2 *", until: "0 1 * * *" },
    checkpointSteps: 1,
    checkpointSeconds: 0,
  };
}

export async function artOf(rig: DoorRig): Promise<ArtState> {
  const health = (await rig.ask("health")) as { readonly art?: ArtState };
  if (health.art === undefined) throw new Error("the daemon says nothing about art");
  return health.art;
}

export function untilArt(rig: DoorRig, fits: (state: ArtState) => boolean, deadlineMs = 30_000): Promise<ArtState> {
  const tail = () =>
    rig.daemon.lines
      .slice(-8)
      .map(({ text }) => text)
      .join("\n");
  return poll(
    () => artOf(rig),
    fits,
    () => `the painting did not get there:\n${tail()}`,
    deadlineMs,
  );
}
