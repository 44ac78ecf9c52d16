// Serves the pages as the daemon does, from dist/. Argument: the port. One JSON line a command on standard input:
// {"display": state} or {"event": event}; says {"port"} when it listens.
import { createInterface } from "node:readline";
import { silentLogger } from "../../dist/core/logger.js";
import { LobbyBoard } from "../../dist/daemon/web/lobby-board.js";
import { startWeb } from "../../dist/daemon/web/server.js";

const displayListeners = new Set();
const eventListeners = new Set();
const subscribe = (listeners) => (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
const display = {
  current: { kind: "idle", title: "", detail: "", prompt: null },
  subscribe: subscribe(displayListeners),
};
const people = { get: (id) => (id === "dana" ? { id, name: "Dana Scully" } : undefined) };
const lobby = new LobbyBoard({
  events: { subscribe: subscribe(eventListeners) },
  people,
  greet: "first-name",
  holdMs: 700,
});
lobby.start();
const web = await startWeb({
  host: "127.0.0.1",
  port: Number(process.argv[2] ?? 0),
  allowOtherPort: false,
  display,
  lobby,
  logger: silentLogger,
});
process.stdout.write(`${JSON.stringify({ port: web.port })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.display) {
    display.current = command.display;
    for (const listener of displayListeners) listener(command.display);
  }
  if (command.event) for (const listener of eventListeners) listener(command.event);
}
await web.stop();
lobby.stop();
