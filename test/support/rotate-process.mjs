// Changes the gallery key of a state directory again and again, run from dist/ and killed by a test.
// usage: rotate-process.mjs STATE_DIRECTORY; prints a line after each change.

import { silentLogger } from "../../dist/core/logger.js";
import { openDatabase } from "../../dist/daemon/store/database.js";
import { openKeptGallery } from "../../dist/daemon/store/kept-gallery.js";

const [stateDirectory] = process.argv.slice(2);
const db = openDatabase({ stateDirectory, logger: silentLogger });
const place = { stateDirectory, keyFile: undefined, credentialsDirectory: undefined };
const { rotateKey } = openKeptGallery(db, place, silentLogger);
process.stdin.resume().on("end", () => process.exit(0));
const rotate = () => {
  const { vectors, damaged } = rotateKey(() => {});
  process.stdout.write(`${vectors} ${damaged}\n`);
  setImmediate(rotate);
};
rotate();
