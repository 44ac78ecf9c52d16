import { connect, type Socket } from "node:net";
import { writeJsonLine } from "../core/json-lines.ts";
import {
  type Child,
  type ChildDeps,
  type ChildExit,
  type ChildHandlers,
  type ChildSpec,
  readMessages,
} from "./child-process.ts";

const maxUnreadBytes = 1024 * 1024;
/** How long the other end may take to close after we did. */
const closeWithinMs = 1500;

/**
 * A child that somebody else keeps: the service manager, under another user. Connecting to the socket starts it, and it
 * speaks as a spawned child does on its standard input and output; when the connection ends, so does it. Killing it is
 * cutting the connection: a child that hangs as well is ended by its own watchdog.
 */
export function connectChild<Message>(
  socketPath: string,
  spec: Pick<ChildSpec<Message>, "schema" | "maxLineBytes" | "firstMessage">,
  { handlers, deps }: { handlers: ChildHandlers<Message>; deps: ChildDeps },
): Child {
  const socket = connect(socketPath);
  const ended = untilClosed(socket, socketPath);
  readMessages(socket, spec, { handlers, deps });
  void ended.then((exit) => handlers.onExit(exit));
  const send = (message: unknown): boolean => {
    if (socket.destroyed || socket.writableEnded || socket.writableLength > maxUnreadBytes) return false;
    writeJsonLine(socket, message);
    return true;
  };
  if (spec.firstMessage !== undefined) send(spec.firstMessage);
  return {
    pid: undefined,
    send,
    kill: () => void socket.destroy(),
    stop: async () => {
      socket.end();
      const callOff = deps.timers.after(closeWithinMs, () => socket.destroy());
      const exit = await ended;
      callOff();
      return exit;
    },
  };
}

// --- internal ---

function untilClosed(socket: Socket, socketPath: string): Promise<ChildExit> {
  let reason = "closed its connection";
  socket.on("error", (error) => {
    reason = `cannot be reached on ${socketPath}: ${error.message}`;
  });
  return new Promise((resolve) => {
    socket.once("close", () => resolve({ code: null, signal: null, reason }));
  });
}
