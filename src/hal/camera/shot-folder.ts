import { mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";

const prefix = "lintel-shots-";
/** node-webcam puts the path into a shell command and takes the first dot for the file's extension. */
const safePath = /^\/[A-Za-z0-9_/-]+$/;
const memoryFolder = "/dev/shm";

/**
 * Makes a private folder for shots, in memory where the machine has such a place, and clears those that killed processes
 * left behind. Rejects with `LINTEL_E_HARDWARE` when there is no usable place.
 */
export async function makeShotFolder(isAlive: (pid: number) => boolean = processIsAlive): Promise<string> {
  const problems: string[] = [];
  for (const parent of [memoryFolder, tmpdir()]) {
    const folder = join(parent, `${prefix}${process.pid}-${counter++}`);
    if (!safePath.test(folder)) {
      problems.push(`${parent} has characters that are not allowed`);
      continue;
    }
    try {
      await clearAbandoned(parent, isAlive);
      await mkdir(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      problems.push(errorText(error));
    }
  }
  throw new LintelError("LINTEL_E_HARDWARE", `No place for the camera's pictures: ${problems.join("; ")}`, {
    hint: "Make /dev/shm writable or set TMPDIR to a plain path.",
  });
}

let counter = 0;

async function clearAbandoned(parent: string, isAlive: (pid: number) => boolean): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^lintel-shots-(\d+)-\d+$/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    // another user's leftovers can not be removed and do not matter
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
