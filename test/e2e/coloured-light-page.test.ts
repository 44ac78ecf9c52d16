import { existsSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ChallengeShown } from "../../src/daemon/api.ts";
import { display, idleDisplay } from "../../src/daemon/display-board.ts";
import { type LightColour, lightColours } from "../../src/pipeline/liveness/light/colours.ts";
import {
  browserPath,
  closePages,
  closeScreens,
  launchBrowser,
  open as openPage,
  type Server,
  serve,
} from "../support/screens.ts";

const token = (n: number) => n.toString(16).padStart(32, "0");
const lit = (light: LightColour, n: number, changes: Partial<ChallengeShown> = {}) =>
  display.light({
    ...{ id: token(99), step: n, steps: 7, nonce: token(n), isRunning: false, remainingMs: 600, limitMs: 600 },
    ...{ light, ...changes },
  });
const painted: Readonly<Record<LightColour, string>> = {
  red: "rgb(255, 0, 0)",
  green: "rgb(0, 255, 0)",
  blue: "rgb(0, 0, 255)",
};
const ground = `getComputedStyle(document.getElementById("light")).backgroundColor`;

let browser: Browser;
let server: Server;

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  return (await openPage(browser, `http://127.0.0.1:${server.port}/door`, options)).page;
}

describe.skipIf(!existsSync(browserPath))("coloured light in a real browser (needs chromium)", () => {
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

  it("fills the screen with each colour, and acknowledges it once the fade is over", async () => {
    const page = await open();
    for (const [n, colour] of lightColours.entries()) {
      server.show(lit(colour, n + 1));
      const all = await server.acknowledgements(n + 1);
      expect(all.at(-1)).toEqual({ challenge: token(99), step: n + 1, nonce: token(n + 1) });
      expect(await page.evaluate(ground)).toBe(painted[colour]);
      server.show(lit(colour, n + 1, { isRunning: true }));
      if (process.env.LINTEL_SCREENSHOTS) {
        await page.screenshot({ path: `${process.env.LINTEL_SCREENSHOTS}/light-${colour}.png` });
      }
    }
    server.show(idleDisplay);
    await expect.poll(() => page.evaluate(ground)).toBe("rgba(0, 0, 0, 0)");
  });

  it.each([
    ["landscape", { width: 1280, height: 720 }],
    ["portrait", { width: 600, height: 1024 }],
    ["small", { width: 800, height: 480 }],
  ])("keeps large words on dark ground on a %s screen, and half of it for the light", async (name, viewport) => {
    const page = await open({ viewport });
    server.show(lit("green", 1));
    await server.acknowledgements(1);
    if (process.env.LINTEL_SCREENSHOTS) {
      await page.screenshot({ path: `${process.env.LINTEL_SCREENSHOTS}/light-${name}.png` });
    }
    expect(await page.locator("#title").textContent()).toBe("Please hold still");
    const words = await page.locator(".words").boundingBox();
    const picture = await page.locator(".pictogram").boundingBox();
    const [wordsArea, pictureArea] = [words, picture].map((box) => (box?.width ?? 0) * (box?.height ?? 0));
    expect(((wordsArea ?? 0) + (pictureArea ?? 0)) / (viewport.width * viewport.height)).toBeLessThan(0.5);
    for (const box of [words, picture]) {
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect(box?.y).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(viewport.width);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(viewport.height);
    }
    const size = await page.evaluate<number>(`parseFloat(getComputedStyle(document.getElementById("title")).fontSize)`);
    expect(size / Math.min(viewport.width, viewport.height)).toBeGreaterThan(0.07);
    expect(await page.evaluate(`getComputedStyle(document.querySelector(".words")).backgroundColor`)).toBe(
      "rgb(6, 16, 30)",
    );
  });

  it("changes less than three times a second, however fast it is told to, and softly", async () => {
    const page = await open();
    await page.evaluate(`
      window.changes = [];
      new MutationObserver(() => window.changes.push(performance.now()))
        .observe(document.documentElement, { attributes: true, attributeFilter: ["data-light"] });`);
    for (const [n, colour] of (["red", "green", "blue", "red", "green"] as const).entries()) {
      server.show(lit("blue", 20 + n));
      server.show(lit(colour, n + 1));
      await server.acknowledgements(n + 1);
    }
    const changes = await page.evaluate<number[]>("window.changes");
    expect(changes.length).toBeGreaterThanOrEqual(5);
    for (const [n, atMs] of changes.slice(1).entries()) expect(atMs - (changes[n] ?? 0)).toBeGreaterThan(1000 / 3);
    expect(await page.evaluate(`getComputedStyle(document.getElementById("light")).transitionDuration`)).toBe("0.3s");
  });

  it("shows no colour to whoever wants less motion, and says so", async () => {
    const page = await open({ reducedMotion: "reduce" });
    server.show(lit("red", 1));
    expect(await server.acknowledgements(1)).toEqual([{ challenge: token(99), step: 1, nonce: token(1), calm: true }]);
    expect(await page.evaluate(ground)).toBe("rgba(0, 0, 0, 0)");
    expect(await page.evaluate("document.documentElement.dataset.light ?? null")).toBeNull();
  });

  it("acknowledges nothing that is no longer asked for when it could be painted", async () => {
    const page = await open();
    server.show(lit("red", 1));
    server.show(idleDisplay);
    server.show(lit("green", 2));
    expect(await server.acknowledgements(1)).toEqual([{ challenge: token(99), step: 2, nonce: token(2) }]);
    expect(await page.evaluate(ground)).toBe(painted.green);
  });
});
