import { LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Erasure, PeopleParts } from "../people/people-service.ts";
import { eraseCopies, finishErasure, noteErasure } from "./erasure.ts";
import { openVault } from "./gallery-key.ts";
import { type KeyPlace, keyFileOf } from "./key-files.ts";
import { rotateGalleryKey, settleRotation } from "./key-rotation.ts";
import { PeopleStore } from "./people-store.ts";
import type { Sqlite } from "./sqlite.ts";

/** Compiled networks: large, and never anything of a person. */
const withoutPeople = ["models"];

/**
 * People, the key they are sealed with, and what gets rid of both. Changes of the key and erasures that a crash cut short
 * are finished first.
 */
export function openKeptGallery(
  db: Sqlite,
  place: KeyPlace,
  logger: Logger,
): Pick<PeopleParts, "store" | "erasure" | "rotateKey"> {
  const { stateDirectory } = place;
  const { file, isCredential } = keyFileOf(place);
  if (!isCredential) settleRotation(db, file, logger);
  const store = new PeopleStore(db, openVault(db, place, logger));
  if (finishErasure(db, stateDirectory)) logger.info({}, "an erasure that was cut short is finished");
  const erasure: Erasure = {
    begin: () => noteErasure(db),
    finish: (secrets) => eraseCopies(db, secrets, { stateDirectory, leaveOut: withoutPeople }),
  };
  return {
    store,
    erasure,
    rotateKey: (record) => {
      if (isCredential) throw notOurs(file);
      return rotateGalleryKey({ db, store, file, stateDirectory, logger, record });
    },
  };
}

// --- internal ---

function notOurs(file: string): LintelError {
  return new LintelError(
    "LINTEL_E_REQUEST",
    `the gallery key is a credential of systemd (${file}), which cannot be changed from here`,
    {
      hint: "copy it to a file of the daemon's user, name that as gallery.keyFile, rotate, then encrypt the new one with systemd-creds",
    },
  );
}
