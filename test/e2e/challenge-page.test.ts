import { existsSync } from "node:fs";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ChallengeShown, DisplayState } from "../../src/daemon/api.ts";
import { display, idleDisplay } from "../../src/daemon/display-board.ts";
import { type ChallengeAction, challengeActions } from "../../src/pipeline/liveness/challenge/actions.ts";
import {
  browserPath,
  closePages,
  closeScreens,
  launchBrowser,
  open as openPage,
  type Server,
  seen,
  serve,
} from "../support/screens.ts";

const token = (n: number) => n.toString(16).padStart(32, "0");
const step = (action: ChallengeAction, n: number, changes: Partial<ChallengeShown> = {}): DisplayState =>
  display.challenge(action, {
    ...{ id: token(99), step: n, steps: 3, nonce: token(n), isRunning: false, remainingMs: 4000, limitMs: 4000 },
    ...changes,
  });

let browser: Browser;
let server: Server;

const open = (options: BrowserContextOptions = {}) =>
  openPage(browser, `http://127.0.0.1:${server.port}/door`, options);

describe.skipIf(!existsSync(browserPath))("a challenge in a real browser (needs chromium)", () => {
  beforeAll(async () => {
    [browser, server] = await Promise.all([launchBrowser(), serve()]);
  });
  afterEach(async () => {
    await closePages();
    server.show(idleDisplay);
    server.acknowledged.length = 0;
  });
  afterAll(async () => {
    await closeScreens();
    await browser?.close();
  });

  it("shows every step large with a picture of its own, and acknowledges each once, when it can be seen", async () => {
    const { page, problems } = await open();
    for (const [n, action] of challengeActions.entries()) {
      const state = step(action, n + 1, { step: (n % 3) + 1 });
      server.show(state);
      const all = await server.acknowledgements(n + 1);
      // It was painted before the acknowledgement came.
      expect(await page.locator("#title").textContent()).toBe(state.title);
      expect(all.at(-1)).toEqual({ challenge: token(99), step: (n % 3) + 1, nonce: token(n + 1) });
      expect(await page.locator(`.for-${action}`).isVisible()).toBe(true);
      expect(await page.locator(".pictogram svg:visible").count()).toBe(1);
      server.show(step(action, n + 1, { step: (n % 3) + 1, isRunning: true }));
      if (process.env.LINTEL_SCREENSHOTS) {
        await page.screenshot({ path: `${process.env.LINTEL_SCREENSHOTS}/${action}.png` });
      }
    }
    expect(server.acknowledged).toHaveLength(challengeActions.length);
    expect(problems).toEqual([]);
  });

  it("says which step it is, and how much time is left; the time runs once the step runs", async () => {
    const { page } = await open();
    server.show(step("look-up", 2));
    await seen(page, "Look up");
    const dots = `Array.from(document.querySelectorAll("#steps li"), (dot) => dot.className)`;
    expect(await page.evaluate(dots)).toEqual(["done", "now", ""]);
    await seen(page, "4 s");
    server.show(step("look-up", 2, { isRunning: true, remainingMs: 1900 }));
    await seen(page, "2 s");
    await seen(page, "1 s");
    await seen(page, "0 s");
    server.show(idleDisplay);
    await page.locator("#challenge").waitFor({ state: "hidden" });
  });

  it.each([
    ["landscape", { width: 1280, height: 720 }],
    ["portrait", { width: 600, height: 1024 }],
    ["small", { width: 800, height: 480 }],
  ])("fits on a %s screen, in words that can be read from 2 m", async (_name, viewport) => {
    const { page } = await open({ viewport });
    for (const [n, action] of challengeActions.entries()) {
      const state = step(action, n + 1, { step: 1, isRunning: true });
      server.show(state);
      await seen(page, state.title);
      for (const id of ["#title", "#detail", "#challenge", ".pictogram"]) {
        const box = await page.locator(id).boundingBox();
        expect(box, id).not.toBeNull();
        expect(box?.x, id).toBeGreaterThanOrEqual(0);
        expect(box?.y, id).toBeGreaterThanOrEqual(0);
        expect((box?.x ?? 0) + (box?.width ?? 0), id).toBeLessThanOrEqual(viewport.width);
        expect((box?.y ?? 0) + (box?.height ?? 0), id).toBeLessThanOrEqual(viewport.height);
      }
      const size = await page.evaluate<number>(
        `parseFloat(getComputedStyle(document.getElementById("title")).fontSize)`,
      );
      // On a screen 15 cm high that is 1 cm: 17 minutes of arc at 2 m, three times what a good eye needs.
      expect(size / Math.min(viewport.width, viewport.height)).toBeGreaterThan(0.07);
    }
  });

  it("moves nothing for whoever wants less motion, and repeats no movement faster than three times a second", async () => {
    const moving = `document.getAnimations().map((animation) => {
      const { duration, iterations } = animation.effect.getComputedTiming();
      return { durationMs: duration, isRepeated: iterations > 1 };
    })`;
    const calm = await open({ reducedMotion: "reduce" });
    const lively = await open({ reducedMotion: "no-preference" });
    const repeatedMs: number[] = [];
    for (const [n, action] of challengeActions.entries()) {
      const state = step(action, n + 1, { step: 1, isRunning: true });
      server.show(state);
      await seen(calm.page, state.title);
      expect(await calm.page.evaluate(moving)).toEqual([]);
      await seen(lively.page, state.title);
      const movements = await lively.page.evaluate<{ durationMs: number; isRepeated: boolean }[]>(moving);
      // What rises once as the page appears may be quicker.
      repeatedMs.push(...movements.filter(({ isRepeated }) => isRepeated).map(({ durationMs }) => durationMs));
    }
    expect(repeatedMs.length).toBeGreaterThan(3);
    expect(Math.min(...repeatedMs)).toBeGreaterThan(1000 / 3);
  });

  it("a page that comes in the midst of a running step acknowledges nothing", async () => {
    server.show(step("turn-left", 1, { isRunning: true, remainingMs: 2500 }));
    const { page } = await open();
    await seen(page, "Turn your head left");
    server.show(step("look-up", 2));
    expect(await server.acknowledgements(1)).toEqual([{ challenge: token(99), step: 2, nonce: token(2) }]);
  });

  it("is a lamp for a face in the dark: a white ground, the same words as large and dark, and no flashing", async () => {
    const { page, problems } = await open();
    const ground = `getComputedStyle(document.getElementById("light")).backgroundColor`;
    const words = `getComputedStyle(document.getElementById("title")).color`;
    const size = `getComputedStyle(document.getElementById("title")).fontSize`;
    const look = step("look-up", 1, { isRunning: true });
    server.show(look);
    await seen(page, "Look up");
    const inTheDark = await page.evaluate(size);
    expect(await page.evaluate(ground)).toBe("rgba(0, 0, 0, 0)");
    server.show({ ...look, isBright: true });
    await expect.poll(() => page.evaluate(ground)).toBe("rgb(255, 255, 255)");
    expect(await page.evaluate(words)).toBe("rgb(11, 18, 32)");
    expect(await page.evaluate(size)).toBe(inTheDark);
    expect(await page.locator(".for-look-up").isVisible()).toBe(true);
    if (process.env.LINTEL_SCREENSHOTS) {
      await page.screenshot({ path: `${process.env.LINTEL_SCREENSHOTS}/bright.png` });
    }
    // However often it is told, it changes less than three times a second.
    await page.evaluate(`globalThis.changes = []; new MutationObserver(() => changes.push(performance.now()))
      .observe(document.documentElement, { attributeFilter: ["data-bright"] })`);
    for (let n = 0; n < 12; n++) {
      server.show(n % 2 === 0 ? look : { ...look, isBright: true });
      await page.evaluate(`new Promise(requestAnimationFrame)`);
    }
    server.show(idleDisplay);
    await expect.poll(() => page.evaluate(ground)).toBe("rgba(0, 0, 0, 0)");
    const changes = await page.evaluate<number[]>("changes");
    expect(changes.length).toBeGreaterThan(0);
    for (const [n, atMs] of changes.slice(1).entries()) expect(atMs - (changes[n] ?? 0)).toBeGreaterThan(400);
    expect(problems).toEqual([]);
  });

  it("points to the person's own left with the arrow on their left side of the screen", async () => {
    const { page } = await open({ reducedMotion: "reduce" });
    for (const [action, side] of [
      ["turn-left", -1],
      ["turn-right", 1],
    ] as const) {
      const state = step(action, side + 2, { step: 1 });
      server.show(state);
      await seen(page, state.title);
      const [arrow, face] = await Promise.all(
        [".arrow", "ellipse"].map((part) => page.locator(`.for-${action} ${part}`).boundingBox()),
      );
      const middle = (box: typeof arrow) => (box?.x ?? 0) + (box?.width ?? 0) / 2;
      expect(Math.sign(middle(arrow) - middle(face))).toBe(side);
    }
  });
});
