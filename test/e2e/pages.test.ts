import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DisplayState } from "../../src/daemon/api.ts";
import { display } from "../../src/daemon/display-board.ts";
import { prompts } from "../../src/simulation/motion.ts";
import { kill, root } from "../support/camera-kit.ts";

const browserPath = "/usr/bin/chromium";
const flags = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
const idle: DisplayState = { kind: "idle", title: "", detail: "", prompt: null };
const turn: DisplayState = { kind: "prompt", title: "Please turn your head", detail: "Slowly.", prompt: "turn" };
const granted: DisplayState = { kind: "granted", title: "Welcome, Dana", detail: "The door is open.", prompt: null };

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  show(state: DisplayState): void;
  raise(event: object): void;
}

const servers: Server[] = [];
const pages: Page[] = [];
let browser: Browser;

async function serve(port = 0): Promise<Server> {
  const child = spawn(process.execPath, [`${root}test/support/web-server.mjs`, String(port)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [said] = await once(child.stdout, "data");
  const send = (command: object): void => void child.stdin.write(`${JSON.stringify(command)}\n`);
  const server: Server = {
    child,
    port: JSON.parse(String(said)).port,
    show: (display) => send({ display }),
    raise: (event) => send({ event }),
  };
  servers.push(server);
  return server;
}

/** Opens a page and collects what goes wrong in it. */
async function open(url: string, options: Parameters<Browser["newContext"]>[0] = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("net::ERR_")) problems.push(message.text());
  });
  pages.push(page);
  await page.goto(url);
  return { page, problems };
}

const seen = (page: Page, text: string) =>
  page.getByText(text, { exact: true }).waitFor({ state: "visible", timeout: 10_000 });
const gone = (page: Page, text: string) =>
  page.getByText(text, { exact: true }).waitFor({ state: "hidden", timeout: 10_000 });
const view = (page: Page) => page.locator("html").getAttribute("data-view");

describe.skipIf(!existsSync(browserPath))("the screens in a real browser (needs chromium)", () => {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: browserPath, args: flags });
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
    for (const server of servers.splice(0)) await kill(server.child);
  });
  afterAll(() => browser.close());

  it("the door asks for a turn, greets, and comes to rest", async () => {
    const server = await serve();
    const { page, problems } = await open(`http://127.0.0.1:${server.port}/door`);
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
    const { page, problems } = await open(`http://127.0.0.1:${server.port}/door`);
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
    const { page } = await open(`http://127.0.0.1:${server.port}/door`, { viewport });
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
    const { page, problems } = await open(`http://127.0.0.1:${server.port}/door`);
    const title = "Welcome, <img src=x onerror=alert(1)>";
    server.show({ ...granted, title });
    await seen(page, title);
    expect(await page.locator("img").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("the door stays calm when its server is killed, and recovers with the next one", async () => {
    const server = await serve();
    const { page, problems } = await open(`http://127.0.0.1:${server.port}/door`);
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
    const { page } = await open(`http://127.0.0.1:${server.port}/door`);
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)");
    await kill(server.child);
    await page.reload();
    await seen(page, "Please ring reception");
    await serve(server.port);
    await seen(page, "Please look at the camera");
  });

  it("the lobby shows the time, greets with the first name, and the greeting goes", async () => {
    const server = await serve();
    const { page, problems } = await open(`http://127.0.0.1:${server.port}/`);
    await seen(page, "No pictures yet");
    expect(await page.locator("#clock").textContent()).toMatch(/^\d\d:\d\d$/);
    server.raise({ type: "granted", person: "dana" });
    await seen(page, "Welcome, Dana");
    await gone(page, "Welcome, Dana");
    expect(problems).toEqual([]);
  });

  it("the lobby keeps its picture when its server is killed", async () => {
    const server = await serve();
    const { page } = await open(`http://127.0.0.1:${server.port}/`);
    await seen(page, "No pictures yet");
    await kill(server.child);
    const colours = await page.evaluate<number>(`
      (() => {
        const canvas = document.querySelector("canvas.front");
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
      const { page } = await open(`http://127.0.0.1:${server.port}${path}`, { reducedMotion: "reduce" });
      server.show(turn);
      if (path === "/door") await seen(page, "Please turn your head");
      else await seen(page, "No pictures yet");
      expect(await page.evaluate<number>("document.getAnimations().length")).toBe(0);
    }
    const { page } = await open(`http://127.0.0.1:${server.port}/door`);
    await seen(page, "Please turn your head");
    expect(await page.evaluate<number>("document.getAnimations().length")).toBeGreaterThan(0);
  });
});
