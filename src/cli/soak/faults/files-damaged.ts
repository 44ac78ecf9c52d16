import { execFile } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { systemClock } from "../../../core/clock.ts";
import type { SoakHouse } from "../house.ts";
import type { Fault } from "./fault.ts";
import { untilReplaced } from "./replaced.ts";

/** The database is garbage after a power cut: nothing starts on it, and the last backup takes its place. */
export const stateCorrupted: Fault = {
  name: "state file corrupted",
  endsDaemon: true,
  answersWithinMs: 5000,
  async run(house) {
    const copy = join(house.folder, "copy.lintel");
    rmSync(copy, { force: true });
    const { head } = backupAnswer.parse(JSON.parse(await lintel(house, "backup", copy)));
    await house.closePart();
    await house.service.killForGood();
    // Both: what the write-ahead file holds whole is read from there, whatever the database itself looks like.
    for (const name of ["lintel.db", "lintel.db-wal"]) scribble(join(house.stateDirectory, name));
    const code = await house.service.tryStart(20_000);
    if (code === 0 || code === null) throw new Error("a daemon ran on a damaged database");
    await lintel(house, "restore", "--replace", copy);
    house.beginPart(head.seq);
    house.service.start();
    await house.untilHealthy(20_000);
    const locked = await house.unlock().then(
      () => "opened",
      () => "refused",
    );
    if (locked !== "refused") throw new Error("a restored door opened before anybody had looked");
    await house.ask("door/mode", { mode: "normal" });
    return {
      mendedMs: systemClock.nowMs(),
      saw: `the daemon refused the damaged database (exit ${code}); restored up to event ${head.seq}, in lockdown until somebody ended it`,
    };
  },
};

/** A compiled network is garbage on the disk, and vision starts anew: it is made again from its source. */
export const modelDamaged: Fault = {
  name: "model file damaged",
  endsDaemon: false,
  answersWithinMs: 10_000,
  async run(house) {
    const name = readdirSync(house.cacheDirectory).find((file) => /^blazeface-.*\.model$/.test(file));
    if (name === undefined) throw new Error("no compiled network is kept");
    scribble(join(house.cacheDirectory, name));
    const pid = house.service.child("vision");
    if (pid === undefined) throw new Error("no vision runs");
    process.kill(pid, "SIGKILL");
    const mendedMs = systemClock.nowMs();
    await untilReplaced(house, pid);
    return { mendedMs, saw: `${name} was noticed and made again` };
  },
};

// --- internal ---

const backupAnswer = z.object({ head: z.object({ seq: z.int() }) });

async function lintel(house: SoakHouse, ...args: string[]): Promise<string> {
  const main = fileURLToPath(new URL("../../main.js", import.meta.url));
  const words = [main, ...args, "--json", "--config", house.configFile];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return stdout;
}

/** Bytes in every page of a file that is there, so that there is no doubt about it. */
function scribble(file: string): void {
  if (!existsSync(file)) return;
  const { size } = statSync(file);
  const descriptor = openSync(file, "r+");
  for (let at = 100; at < size; at += 4096) writeSync(descriptor, Buffer.alloc(64, 0xa5), 0, 64, at);
  closeSync(descriptor);
}
