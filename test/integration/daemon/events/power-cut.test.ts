import { closeSync, copyFileSync, ftruncateSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { silentLogger } from "../../../../src/core/logger.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { EventStore } from "../../../../src/daemon/events/event-store.ts";
import { verifyChain } from "../../../../src/daemon/events/verify.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import { auditKit } from "../../../support/audit-kit.ts";
import { type Known, nothingKnown, runUntilCut, tear, tears } from "../../../support/power-cut.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

const isLong = process.env.LINTEL_LONG === "1";
const cuts = isLong ? 500 : 60;
const points = isLong ? 500 : 150;

/** A log that loses its power again and again, and what the world outside knows about it. */
async function lane(seed: number, cuts: number) {
  const stateDirectory = temporaryStateDirectory();
  const random = seededRandom(seed);
  const known: Known = nothingKnown();
  let torn = 0;
  for (let i = 0; i < cuts; i++) {
    const cursorBefore = known.cursor;
    const found = await runUntilCut(stateDirectory, known, {
      seed: seed * 1000 + i,
      checkpointPages: [8, 60, 1000][Math.floor(random() * 3)] ?? 1000,
      afterThings: 1 + Math.floor(random() * 60),
      delayUs: random() * 3000,
      unsaidEvents: random() < 0.5 ? 1 + Math.floor(random() * 12) : 0,
    });
    // `ok` includes that the last acknowledged event is there with its hash.
    expect(found, `seed ${seed}, after cut ${i}`).toMatchObject({ ok: true, brokenAt: null, integrity: "ok" });
    expect(found.cursor).toBeLessThanOrEqual(known.brokerAcknowledged);
    expect(found.cursor).toBeGreaterThanOrEqual(cursorBefore);
    const kind = tears[Math.floor(random() * tears.length)] ?? "none";
    if (tear(stateDirectory, known, { kind, random }) > 0) torn += 1;
  }
  const last = await runUntilCut(stateDirectory, known, {
    ...{ seed, checkpointPages: 1000, afterThings: undefined, delayUs: 0, unsaidEvents: 0 },
  });
  expect(last).toMatchObject({ ok: true, integrity: "ok" });
  // At least once, every one of them, whatever happened in between.
  expect(known.brokerAcknowledged).toBe(last.head.seq);
  expect(known.cursor).toBe(last.head.seq);
  return { torn, events: last.events };
}

test(`no acknowledged event is lost at ${cuts} random power cuts, the chain holds, the cursor is never ahead`, async () => {
  const lanes = await Promise.all([lane(20, cuts / 2), lane(21, cuts / 2)]);
  const torn = lanes.reduce((sum, one) => sum + one.torn, 0);
  const events = lanes.reduce((sum, one) => sum + one.events, 0);
  // The cuts must have hit bytes that were not synced yet, or this test shows nothing.
  expect(torn).toBeGreaterThan(cuts / 5);
  expect(events).toBeGreaterThan(cuts * 10);
  process.stderr.write(`power cuts: ${cuts} kills, ${torn} with a torn write-ahead file, ${events} events\n`);
}, 240_000);

test(`a write-ahead file that ends or breaks at any of ${points} random bytes keeps every event before that byte`, () => {
  const kit = auditKit();
  kit.append(5);
  kit.db.all(z.unknown(), "PRAGMA wal_checkpoint(TRUNCATE)");
  const wal = join(kit.directory, "lintel.db-wal");
  /** Where in the file the commit of each event ends. */
  const ends: { seq: number; byte: number }[] = [{ seq: 5, byte: 0 }];
  for (let i = 0; i < 60; i++) {
    const { seq } = kit.log.append("granted", { padding: "x".repeat((i * 37) % 400) });
    ends.push({ seq, byte: statSync(wal).size });
  }
  const size = statSync(wal).size;
  const random = seededRandom(7);
  const parent = temporaryStateDirectory();
  for (let i = 0; i < points; i++) {
    const directory = join(parent, String(i));
    mkdirSync(directory);
    for (const name of ["lintel.db", "lintel.db-wal"]) copyFileSync(join(kit.directory, name), join(directory, name));
    const byte = Math.floor(random() * size);
    const file = openSync(join(directory, "lintel.db-wal"), "r+");
    if (random() < 0.5) ftruncateSync(file, byte);
    else writeSync(file, Buffer.from([0x5a, 0xa5, 0x3c]), 0, 3, byte);
    closeSync(file);
    const db = openDatabase({ stateDirectory: directory, logger: silentLogger });
    const report = verifyChain({ store: new EventStore(db), trustedKeys: [] });
    db.close();
    const whole = ends.filter((end) => end.byte <= byte).at(-1)?.seq;
    expect(report, `byte ${byte} of ${size}`).toMatchObject({ ok: true, events: whole, head: { seq: whole } });
  }
});
