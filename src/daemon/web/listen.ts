import type { FastifyInstance } from "fastify";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Takes a free port when the wanted one is busy. */
  readonly allowOtherPort: boolean;
  /** Where the configuration has host and port. */
  readonly section: "lobby" | "operations";
  readonly logger: Logger;
}

/** Gives the port. Rejects with `LINTEL_E_UNAVAILABLE` (busy port) or `LINTEL_E_CONFIG` (a port one may not take). */
export async function listen(app: FastifyInstance, options: ListenOptions): Promise<number> {
  const { host, port, allowOtherPort, logger } = options;
  try {
    await app.listen({ host, port });
  } catch (error) {
    if (!allowOtherPort || codeOf(error) !== "EADDRINUSE") throw listenError(error, options);
    logger.info({ port }, "port busy, taking a free one");
    await app.listen({ host, port: 0 });
  }
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new Error("a listening server has no port");
  return address.port;
}

// --- internal ---

function listenError(error: unknown, { host, port, section }: ListenOptions): LintelError {
  const cause = error;
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return new LintelError("LINTEL_E_UNAVAILABLE", `Port ${port} on ${host} is in use by another program.`, {
        hint: `Stop it, or set ${section}.port to another port.`,
        cause,
      });
    case "EACCES":
      return new LintelError("LINTEL_E_CONFIG", `Port ${port} may not be opened by this user.`, {
        hint: `Set ${section}.port to a port above 1023.`,
        cause,
      });
    default:
      return new LintelError(
        "LINTEL_E_UNAVAILABLE",
        `The pages cannot listen on ${host}:${port}: ${errorText(error)}`,
        {
          hint: `Check the address in the section ${section}.`,
          cause,
        },
      );
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
