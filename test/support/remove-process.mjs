// Enrols and removes people again and again, run from dist/ and killed by a test.
// usage: remove-process.mjs STATE_DIRECTORY; before each removal it prints the id and the sealed bytes (hexadecimal).

import { randomBytes } from "node:crypto";
import { systemClock } from "../../dist/core/clock.js";
import { silentLogger } from "../../dist/core/logger.js";
import { SqliteEventLog } from "../../dist/daemon/events/event-log.js";
import { PeopleService } from "../../dist/daemon/people/people-service.js";
import { openDatabase } from "../../dist/daemon/store/database.js";
import { openKeptGallery } from "../../dist/daemon/store/kept-gallery.js";
import { packVector } from "../../dist/vision/protocol.js";

const [stateDirectory] = process.argv.slice(2);
const db = openDatabase({ stateDirectory, logger: silentLogger });
const place = { stateDirectory, keyFile: undefined, credentialsDirectory: undefined };
const kept = openKeptGallery(db, place, silentLogger);
const vector = () => packVector(Float32Array.from({ length: 128 }, () => Math.random() - 0.5));
const face = () => ({
  ...{ box: [0, 0, 1, 1], score: 1, pose: { yawDeg: 0, pitchDeg: 0, rollDeg: 0 }, reasons: [] },
  ...{ faceWidthPx: 150, sharpness: 400, brightness: 130, embeddings: [{ embedder: "dlib", vector: vector() }] },
});
const people = new PeopleService({
  ...kept,
  db,
  events: new SqliteEventLog({ db, clock: systemClock, logger: silentLogger }),
  analyser: { analyse: async () => ({ type: "photo", id: "1", width: 1, height: 1, faces: [face()] }) },
  clock: systemClock,
  logger: silentLogger,
  gallery: { targetFpir: 1e-3, maxDistance: 0.43 },
  requireConsent: false,
});
people.start();
process.stdin.resume().on("end", () => process.exit(0));
for (;;) {
  const id = `p${randomBytes(8).toString("hex")}`;
  await people.add(id, {}, [{ file: "1", bytes: Buffer.alloc(1) }], "test");
  const [sealed] = kept.store.sealedOf(id);
  process.stdout.write(`${id} ${Buffer.from(sealed.ciphertext).toString("hex")}\n`);
  await people.remove(id, "test");
}
