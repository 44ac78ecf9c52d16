import { createServer, type Socket } from "node:net";
import { LintelError } from "../core/errors.ts";

/** The first descriptor that a service manager hands over (sd_listen_fds(3)). */
const firstDescriptor = 3;

/**
 * Takes the one connection this process is for from the listening socket that the service manager has opened, and closes
 * the socket here: whoever connects next waits there for the next process. Rejects with `LINTEL_E_CONFIG` when there is
 * no such socket.
 */
export async function acceptFromServiceManager(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Socket> {
  const { LISTEN_FDS, LISTEN_PID } = environment;
  if (LISTEN_FDS !== "1" || (LISTEN_PID !== undefined && Number(LISTEN_PID) !== process.pid)) {
    throw new LintelError("LINTEL_E_CONFIG", "no socket was handed over", {
      hint: "--socket is for a service that a socket unit starts (systemd/lintel-vision.socket)",
    });
  }
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => {
      server.close();
      resolve(connection);
    });
    server.once("error", reject);
    server.listen({ fd: firstDescriptor });
  });
}
