import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";
import type { MqttConfig } from "./config.ts";

/** What proves us to the broker and the broker to us. Never logged. */
export interface MqttCredentials {
  readonly username?: string;
  readonly password?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/**
 * Reads the files named in the configuration; names without a directory are credentials first
 * (`$CREDENTIALS_DIRECTORY`). Read anew for each connection, so that renewed certificates are taken up.
 * Throws LINTEL_E_CONFIG when a file cannot be read.
 */
export function readCredentials(config: MqttConfig, credentialsDirectory: string | undefined): MqttCredentials {
  const inCredentials = (name: string) =>
    credentialsDirectory === undefined ? undefined : join(credentialsDirectory, name);
  const read = (key: string, file: string): Buffer => {
    const credential = file.includes("/") ? undefined : inCredentials(file);
    const path = credential !== undefined && existsSync(credential) ? credential : file;
    try {
      return readFileSync(path);
    } catch (error) {
      throw new LintelError("LINTEL_E_CONFIG", `mqtt.${key}: ${errorText(error)}`, {
        hint: "name a file that the daemon's user may read",
      });
    }
  };
  const defaultPassword = inCredentials("mqtt.password");
  const passwordFile =
    config.passwordFile ??
    (config.username !== undefined && defaultPassword !== undefined && existsSync(defaultPassword)
      ? defaultPassword
      : undefined);
  return {
    ...(config.username === undefined ? {} : { username: config.username }),
    ...(passwordFile === undefined
      ? {}
      : {
          password: read("passwordFile", passwordFile)
            .toString("utf8")
            .replace(/\r?\n$/, ""),
        }),
    ...(config.caFile === undefined ? {} : { ca: read("caFile", config.caFile) }),
    ...(config.certFile === undefined ? {} : { cert: read("certFile", config.certFile) }),
    ...(config.keyFile === undefined ? {} : { key: read("keyFile", config.keyFile) }),
  };
}
