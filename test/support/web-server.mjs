// Serves the pages as the daemon does, from dist/. Arguments: the port, a folder of pictures <key>.jpg. One JSON line a
// command on standard input: {"display": state}, {"event": event}, {"wall": state} or {"blank": state}; says {"port"} when
// it listens.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
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
const wallListeners = new Set();
const [port = "0", folder = ""] = process.argv.slice(2);
const read = (name) => readFile(join(folder, `${name}.jpg`)).catch(() => null);
const wall = {
  current: { pictures: [], shown: null, painting: null },
  subscribe: subscribe(wallListeners),
  picture: read,
  preview: () => read("preview"),
};
let blank = { isBlank: false, changesAt: null };
const people = { get: (id) => (id === "dana" ? { id, name: "Dana Scully" } : undefined) };
const lobby = new LobbyBoard({
  events: { subscribe: subscribe(eventListeners) },
  people,
  wall,
  greet: "first-name",
  showNames: true,
  changeSeconds: 1,
  blank: { isOpen: () => blank.isBlank, nextChange: () => blank.changesAt && new Date(blank.changesAt) },
  holdMs: 700,
});
lobby.start();
const web = await startWeb({
  host: "127.0.0.1",
  port: Number(port),
  allowOtherPort: false,
  display,
  lobby,
  desk: {
    join: () => () => {},
    acknowledge: (given) => process.stdout.write(`${JSON.stringify({ acknowledged: given })}\n`),
  },
  logger: silentLogger,
});
process.stdout.write(`${JSON.stringify({ port: web.port })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.display) {
    display.current = command.display;
    for (const listener of displayListeners) listener(command.display);
  }
  if (command.wall) wall.current = command.wall;
  if (command.blank) blank = command.blank;
  if (command.wall || command.blank) for (const listener of wallListeners) listener(wall.current);
  if (command.event) for (const listener of eventListeners) listener(command.event);
}
await web.stop();
lobby.stop();
