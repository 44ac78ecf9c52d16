import { homedir } from "node:os";
import { join } from "node:path";

/** Where an installed Lintel has its configuration. */
export const defaultConfigFile = "/etc/lintel/lintel.yaml";

/** Where commands that need no state directory keep the compiled networks. */
export function userModelCache(environment: Readonly<Record<string, string | undefined>>): string {
  return join(environment.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "lintel", "models");
}
