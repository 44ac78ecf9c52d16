import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { Screens } from "../../src/daemon/challenge/screens.ts";
import { idleDisplay } from "../../src/daemon/display-board.ts";
import { startWeb, type Web, type WebParts } from "../../src/daemon/web/server.ts";

const wall = { pictures: [], shown: null, painting: null };
const lobby: WebParts["lobby"] = {
  current: { greeting: null, wall, blank: { isBlank: false, changesAt: null }, changeSeconds: 60 },
  subscribe: () => () => {},
  picture: async () => null,
  preview: async () => null,
};

let screens: Screens;
let web: Web;

beforeEach(async () => {
  screens = new Screens();
  web = await startWeb({
    ...{ host: "127.0.0.1", port: 0, allowOtherPort: false, logger: silentLogger, lobby },
    display: { current: idleDisplay, subscribe: () => () => {} },
    desk: { join: () => screens.join(), acknowledge: () => false },
  });
});
afterEach(() => web.stop());

async function follow(path: string) {
  const gone = new AbortController();
  const response = await fetch(`http://127.0.0.1:${web.port}${path}`, { signal: gone.signal });
  await response.body?.getReader().read();
  return () => gone.abort();
}
const until = (count: number) => expect.poll(() => screens.count, { timeout: 2000 }).toBe(count);

it("a door display counts from when it is connected until it has gone, each for itself", async () => {
  expect(screens.count).toBe(0);
  const leave = await follow("/door/events");
  expect(screens.count).toBe(1);
  const leaveToo = await follow("/door/events");
  expect(screens.count).toBe(2);
  leave();
  await until(1);
  leaveToo();
  await until(0);
});

it("a lobby screen is no door display", async () => {
  const leave = await follow("/lobby/events");
  expect(screens.count).toBe(0);
  leave();
});

it("when the pages stop, no display is left", async () => {
  await follow("/door/events");
  await web.stop();
  await until(0);
});
