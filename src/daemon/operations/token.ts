import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { makePrivate, writeSecretFile } from "../store/private-files.ts";

/** Shorter ones could be guessed. */
const minTokenLength = 20;

export interface TokenPlace {
  readonly stateDirectory: string;
  /** `$CREDENTIALS_DIRECTORY` of systemd. */
  readonly credentialsDirectory: string | undefined;
}

/** Whoever knows the token may do what the operations page does. */
export interface OperationsToken {
  /** Where the operator finds it. */
  readonly file: string;
  matches(text: string): boolean;
}

/**
 * The credential `operations.token`, else `operations.token` in the state directory, made with mode 0600 where there is
 * none. Throws `LINTEL_E_CONFIG` for one that is too short, `LINTEL_E_STORAGE` when it cannot be read or written.
 */
export function openToken({ stateDirectory, credentialsDirectory }: TokenPlace, logger: Logger): OperationsToken {
  const credential = credentialsDirectory === undefined ? undefined : join(credentialsDirectory, "operations.token");
  const isCredential = credential !== undefined && existsSync(credential);
  const file = isCredential ? credential : join(stateDirectory, "operations.token");
  if (!existsSync(file)) {
    writeSecretFile(file, Buffer.from(`${randomBytes(24).toString("base64url")}\n`));
    logger.info({ file }, "token of the operations page made");
  } else if (!isCredential && makePrivate(file))
    logger.warn({ file }, "token was readable by others: narrowed to 0600");
  const expected = digest(readToken(file));
  return { file, matches: (text) => timingSafeEqual(digest(text), expected) };
}

// --- internal ---

function readToken(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new LintelError("LINTEL_E_STORAGE", `cannot read the operations token ${file}: ${errorText(error)}`, {
      hint: "give the daemon's user the file, with mode 0600",
      cause: error,
    });
  }
  if (text.length >= minTokenLength) return text;
  throw new LintelError(
    "LINTEL_E_CONFIG",
    `the operations token in ${file} is shorter than ${minTokenLength} characters`,
    {
      hint: "delete the file: a new one is made at the next start",
    },
  );
}

/** Of equal length whatever is compared, so that the comparison tells nothing. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
