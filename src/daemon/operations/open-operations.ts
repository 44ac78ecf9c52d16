import { errorText } from "../../core/errors.ts";
import { listen } from "../web/listen.ts";
import { loadStaticFiles } from "../web/static-files.ts";
import { buildOperations, type OperationsParts } from "./server.ts";
import { openToken, type TokenPlace } from "./token.ts";

export interface OpenOperations {
  /** Null: the port was taken, and the door works without the page. */
  readonly port: number | null;
  stop(): Promise<void>;
}

/**
 * Opens the operations page on loopback. A port that cannot be had costs the page, never the door. Rejects with
 * `LINTEL_E_CONFIG` or `LINTEL_E_STORAGE` when there is no token to guard it.
 */
export async function openOperations(
  { port, ...place }: TokenPlace & { readonly port: number },
  parts: Omit<OperationsParts, "token" | "files">,
): Promise<OpenOperations> {
  const { logger } = parts;
  const token = openToken(place, logger);
  const files = new Map(await loadStaticFiles(new URL("./public/", import.meta.url)));
  const icon = (await loadStaticFiles()).get("/assets/icon.svg");
  if (icon) files.set("/assets/icon.svg", icon);
  const { app, start, stop } = await buildOperations({ ...parts, token, files });
  try {
    const taken = await listen(app, { host: "127.0.0.1", port, allowOtherPort: false, section: "operations", logger });
    start();
    logger.info({ url: `http://127.0.0.1:${taken}/`, tokenFile: token.file }, "operations page");
    return { port: taken, stop };
  } catch (error) {
    logger.error({ reason: errorText(error) }, "no operations page");
    await stop();
    return { port: null, stop };
  }
}
