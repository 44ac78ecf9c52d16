import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lakePicture, whirlPicture } from "../../src/cli/demo/demo-pictures.ts";
import type { WallState } from "../../src/daemon/art/wall.ts";
import { kill } from "../support/camera-kit.ts";
import { poll } from "../support/poll.ts";
import {
  browserPath,
  closeScreens,
  inView,
  launchBrowser,
  open,
  type Server,
  seen,
  serve,
} from "../support/screens.ts";

const lake = { key: "1-aaaaaaaa", title: "Lake at evening, after Whirls" };
const whirls = { key: "2-bbbbbbbb", title: "Whirls" };
const bare: WallState = { pictures: [], shown: null, painting: null };
const hung: WallState = { pictures: [lake, whirls], shown: lake.key, painting: null };
const painting = { title: "Harbour, after Waves", progress: 0.4, isHeld: false, preview: 1 };
const folder = mkdtempSync(join(tmpdir(), "lintel-wall-"));

/** The picture that is fully on the wall, as the path it was loaded from. */
const onWall = (page: Page) =>
  page.evaluate<string | null>(`
    (() => {
      const image = document.querySelector("#wall figure.front img");
      return image && image.naturalWidth > 0 ? new URL(image.src).pathname : null;
    })()
  `);
const untilOnWall = (page: Page, key: string) =>
  poll(
    () => onWall(page),
    (path) => path === `/art/${key}.jpg`,
    () => `${key} did not come to the wall`,
    10_000,
  );

/** The browser has it, on the wall or not. */
const untilLoaded = (page: Page, key: string) =>
  poll(
    () => page.evaluate<number>(`performance.getEntriesByName(location.origin + "/art/${key}.jpg").length`),
    (count) => count > 0,
    () => `${key} was not loaded`,
    10_000,
  );

describe.skipIf(!existsSync(browserPath))("the lobby in a real browser (needs chromium)", () => {
  let browser: Browser;
  beforeAll(async () => {
    writeFileSync(join(folder, `${lake.key}.jpg`), await lakePicture(320, 180));
    writeFileSync(join(folder, `${whirls.key}.jpg`), await whirlPicture(200));
    writeFileSync(join(folder, "preview.jpg"), await whirlPicture(64));
    browser = await launchBrowser();
  });
  afterEach(closeScreens);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const lobby = async (server: Server, options = {}) => open(browser, `http://127.0.0.1:${server.port}/`, options);

  it("shows a picture with its title, the clock and what is painted tonight", async () => {
    const server = await serve(0, folder);
    server.hang({ ...hung, painting });
    const { page, problems } = await lobby(server);
    await untilOnWall(page, lake.key);
    await inView(page, "art");
    await seen(page, lake.title);
    await seen(page, "Being painted");
    await seen(page, painting.title);
    expect(await page.locator("#easel-progress").getAttribute("value")).toBe("0.4");
    await page.locator("#easel .preview").waitFor({ state: "visible" });
    server.hang({ ...hung, painting: { ...painting, isHeld: true } });
    await seen(page, "Paused for a visitor");
    server.hang(hung);
    await page.locator("#easel").waitFor({ state: "hidden" });
    expect(problems).toEqual([]);
  });

  it("fades from one picture to the next without a gap", async () => {
    const server = await serve(0, folder);
    server.hang(hung);
    const { page } = await lobby(server);
    await untilOnWall(page, lake.key);
    await page.evaluate(
      "Promise.all(document.getAnimations().map((animation) => animation.finished)).then(() => null)",
    );
    server.hang({ ...hung, shown: whirls.key });
    await untilOnWall(page, whirls.key);
    // Half way both are there: their opacities add up to a full picture.
    const opacities = await page.evaluate<number[]>(`
      (() => {
        for (const animation of document.getAnimations()) { animation.pause(); animation.currentTime = 2000; }
        return [...document.querySelectorAll("#wall figure")].map((figure) => Number(getComputedStyle(figure).opacity));
      })()
    `);
    expect(opacities.every((opacity) => opacity > 0.2 && opacity < 0.8)).toBe(true);
  });

  it("changes pictures without motion for those who asked for less", async () => {
    const server = await serve(0, folder);
    server.hang({ ...hung, painting });
    const { page } = await lobby(server, { reducedMotion: "reduce" });
    await untilOnWall(page, lake.key);
    server.hang({ ...hung, shown: whirls.key });
    await untilOnWall(page, whirls.key);
    expect(await page.evaluate<number>("document.getAnimations().length")).toBe(0);
  });

  it("keeps showing its pictures in turn when the server is killed, and follows the next one", async () => {
    const server = await serve(0, folder);
    server.hang(hung);
    const { page, problems } = await lobby(server);
    await untilOnWall(page, lake.key);
    await untilLoaded(page, whirls.key);
    await kill(server.child);
    await untilOnWall(page, whirls.key);
    await untilOnWall(page, lake.key);
    const next = await serve(server.port, folder);
    next.hang(bare);
    await inView(page, "backdrop");
    expect(problems).toEqual([]);
  });

  it("has its last pictures when it is switched on while the server is away, and never the browser's error page", async () => {
    const server = await serve(0, folder);
    const { page } = await lobby(server);
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)");
    await page.reload();
    server.hang(hung);
    await untilOnWall(page, lake.key);
    await poll(
      () =>
        page.evaluate<number>(
          `caches.open("lintel-pictures-1").then((cache) => cache.keys()).then((keys) => keys.length)`,
        ),
      (kept) => kept === 2,
      () => "the browser keeps no pictures",
      10_000,
    );
    await kill(server.child);
    await page.reload();
    await untilOnWall(page, lake.key);
    await seen(page, lake.title);
    expect(await page.locator("#clock").textContent()).toMatch(/^\d\d:\d\d$/);
  });

  it("loads itself anew when another version of the server answers", async () => {
    const server = await serve(0, folder);
    server.hang(hung);
    const { page } = await lobby(server);
    await untilOnWall(page, lake.key);
    await page.evaluate(`document.body.setAttribute("data-mark", "old page")`);
    await kill(server.child);
    await serve(server.port, folder);
    await page.locator('body:not([data-mark="old page"])').waitFor({ state: "attached", timeout: 15_000 });
  });

  it("a picture that is gone changes nothing on the wall", async () => {
    const server = await serve(0, folder);
    server.hang(hung);
    const { page, problems } = await lobby(server);
    await untilOnWall(page, lake.key);
    server.hang({ ...hung, pictures: [{ key: "9-00000000", title: "Nothing" }, lake], shown: "9-00000000" });
    server.raise({ type: "granted", person: "dana" });
    await seen(page, "Welcome, Dana");
    expect(await onWall(page)).toBe(`/art/${lake.key}.jpg`);
    expect(await page.locator("#caption").textContent()).toBe(lake.title);
    expect(problems.filter((problem) => !problem.includes("404"))).toEqual([]);
  });

  it("is dark in the dark hours, wakes by itself while the server is away, and is dark over greetings too", async () => {
    const server = await serve(0, folder);
    server.hang(hung);
    const { page } = await lobby(server, { reducedMotion: "reduce" });
    await untilOnWall(page, lake.key);
    await page.clock.install();
    server.blank({ isBlank: true, changesAt: new Date(Date.now() + 3_600_000).toISOString() });
    await inView(page, "blank");
    server.raise({ type: "granted", person: "dana" });
    const dark = await page.screenshot({ type: "png" });
    // one colour compresses to next to nothing
    expect(dark.length).toBeLessThan(12_000);
    await kill(server.child);
    await page.clock.runFor(3_700_000);
    await inView(page, "art");
  });

  it.each([
    ["landscape", { width: 1280, height: 720 }, true],
    ["portrait", { width: 720, height: 1280 }, false],
    ["4K", { width: 3840, height: 2160 }, true],
  ])("on a %s screen the picture is not mutilated and every word fits", async (_name, viewport, fills) => {
    const server = await serve(0, folder);
    server.hang({ ...hung, painting: { ...painting, title: "A long title of a picture, after another long title" } });
    const { page } = await lobby(server, { viewport, reducedMotion: "reduce" });
    await untilOnWall(page, lake.key);
    expect(await page.locator("#wall figure.front").getAttribute("class")).toBe(fills ? "fills front" : "front");
    await seen(page, lake.title);
    for (const id of ["#clock", "#date", "#caption", "#easel"]) {
      const box = await page.locator(id).boundingBox();
      expect(box, id).not.toBeNull();
      expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= viewport.width, `${id} across`).toBe(true);
      expect((box?.y ?? -1) >= 0 && (box?.y ?? 0) + (box?.height ?? 0) <= viewport.height, `${id} down`).toBe(true);
    }
  });

  it("a title is shown as text, whatever it holds", async () => {
    const server = await serve(0, folder);
    const title = "<img src=x onerror=alert(1)>";
    server.hang({ pictures: [{ ...lake, title }], shown: lake.key, painting: { ...painting, title } });
    const { page, problems } = await lobby(server);
    await untilOnWall(page, lake.key);
    expect(await page.locator("#caption").textContent()).toBe(title);
    expect(await page.locator("#easel-title").textContent()).toBe(title);
    expect(problems).toEqual([]);
  });
});
