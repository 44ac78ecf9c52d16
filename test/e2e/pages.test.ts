import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DisplayState } from "../../src/daemon/api.ts";
import { display } from "../../src/daemon/display-board.ts";
import { prompts } from "../../src/simulation/motion.ts";
import { kill } from "../support/camera-kit.ts";
import { browserPath, closeScreens, gone, inView, launchBrowser, open, seen, serve, view } from "../support/screens.ts";

let browser: Browser;
const idle: DisplayState = { kind: "idle", title: "", detail: "", prompt: null };
const turn: DisplayState = { kind: "prompt", title: "Please turn your head", detail: "Slowly.", prompt: "turn" };
const granted: DisplayState = { kind: "granted", title: "Welcome, Dana", detail: "The door is open.", prompt: null };

describe.skipIf(!existsSync(browserPath))("the screens in a real browser (needs chromium)", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterEach(closeScreens);
  afterAll(() => browser.close());

  it("the door asks for a turn, greets, and comes to rest", async () => {
    const server = await serve();
    const { page, problems } = await open(browser, `http://127.0.0.1:${server.port}/door`);
    await seen(page, "Please look at the camera");
    server.show(turn);
    await seen(page, "Please turn your head");
    expect(await view(page)).toBe("turn");
    expect(await page.locator(".for-turn").isVisible()).toBe(true);
    expect(await page.locator(".pictogram svg:visible").count()).toBe(1);
    server.show(granted);
    await seen(page, "Welcome, Dana");
    server.show(idle);
    await gone(page, "Welcome, Dana");
    expect(problems).toEqual([]);
  });

  it("every prompt of the door has one picture of its own", async () => {
    const server = await serve();
    const { page, problems } = await open(browser, `http://127.0.0.1:${server.port}/door`);
    for (const prompt of prompts) {
      const state = display.prompt(prompt);
      server.show(state);
      await seen(page, state.title);
      expect(await view(page)).toBe(prompt);
      expect(await page.locator(`.for-${prompt}`).isVisible()).toBe(true);
      expect(await page.locator(".pictogram svg:visible").count()).toBe(1);
    }
    expect(problems).toEqual([]);
  });

  it.each([
    ["landscape", { width: 1280, height: 720 }],
    ["portrait", { width: 600, height: 1024 }],
    ["small", { width: 800, height: 480 }],
  ])("the longest words fit on a %s screen and are large", async (_name, viewport) => {
    const server = await serve();
    const { page } = await open(browser, `http://127.0.0.1:${server.port}/door`, { viewport });
    server.show({
      ...turn,
      title: "Please turn your head slowly to one side",
      detail: "Then look at the camera again, please.",
    });
    await seen(page, "Please turn your head slowly to one side");
    for (const id of ["#title", "#detail"]) {
      const box = await page.locator(id).boundingBox();
      expect(box).not.toBeNull();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(viewport.width);
      expect((box?.y ?? -1) >= 0 && (box?.y ?? 0) + (box?.height ?? 0) <= viewport.height).toBe(true);
    }
    const size = await page.evaluate<number>(`parseFloat(getComputedStyle(document.getElementById("title")).fontSize)`);
    expect(size / Math.min(viewport.width, viewport.height)).toBeGreaterThan(0.07);
  });

  it("a name is shown as text, whatever it holds", async () => {
    const server = await serve();
    const { page, problems } = await open(browser, `http://127.0.0.1:${server.port}/door`);
    const title = "Welcome, <img src=x onerror=alert(1)>";
    server.show({ ...granted, title });
    await seen(page, title);
    expect(await page.locator("img").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("the door stays calm when its server is killed, and recovers with the next one", async () => {
    const server = await serve();
    const { page, problems } = await open(browser, `http://127.0.0.1:${server.port}/door`);
    server.show(turn);
    await seen(page, "Please turn your head");
    await kill(server.child);
    await seen(page, "Please ring reception");
    expect(await view(page)).toBe("gone");
    await page.evaluate(`document.body.setAttribute("data-mark", "old page")`);
    const next = await serve(server.port);
    await seen(page, "Please look at the camera");
    // another server may bring another page, so it is loaded anew
    await page.locator('body:not([data-mark="old page"])').waitFor({ state: "attached", timeout: 10_000 });
    next.show(granted);
    await seen(page, "Welcome, Dana");
    expect(problems).toEqual([]);
  });

  it("the door stays calm when it is switched on while its server is away", async () => {
    const server = await serve();
    const { page } = await open(browser, `http://127.0.0.1:${server.port}/door`);
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)");
    await kill(server.child);
    await page.reload();
    await seen(page, "Please ring reception");
    await serve(server.port);
    await seen(page, "Please look at the camera");
  });

  it("the lobby shows the time, greets with the first name, and the greeting goes", async () => {
    const server = await serve();
    const { page, problems } = await open(browser, `http://127.0.0.1:${server.port}/`);
    await inView(page, "backdrop");
    expect(await page.locator("#clock").textContent()).toMatch(/^\d\d:\d\d$/);
    server.raise({ type: "granted", person: "dana" });
    await seen(page, "Welcome, Dana");
    await gone(page, "Welcome, Dana");
    expect(problems).toEqual([]);
  });

  it("the lobby keeps its picture when its server is killed", async () => {
    const server = await serve();
    const { page } = await open(browser, `http://127.0.0.1:${server.port}/`);
    await inView(page, "backdrop");
    await kill(server.child);
    const colours = await page.evaluate<number>(`
      (() => {
        const canvas = document.querySelector("#backdrop canvas.front");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const pixels = new Uint32Array(data.buffer);
        return new Set(pixels.filter((_, i) => i % 101 === 0)).size;
      })()
    `);
    expect(colours).toBeGreaterThan(100);
    expect(await page.locator("#clock").isVisible()).toBe(true);
  });

  it("nothing moves for those who asked for less motion", async () => {
    const server = await serve();
    for (const path of ["/door", "/"]) {
      const { page } = await open(browser, `http://127.0.0.1:${server.port}${path}`, { reducedMotion: "reduce" });
      server.show(turn);
      if (path === "/door") await seen(page, "Please turn your head");
      else await inView(page, "backdrop");
      expect(await page.evaluate<number>("document.getAnimations().length")).toBe(0);
    }
    const { page } = await open(browser, `http://127.0.0.1:${server.port}/door`);
    await seen(page, "Please turn your head");
    expect(await page.evaluate<number>("document.getAnimations().length")).toBeGreaterThan(0);
  });
});
