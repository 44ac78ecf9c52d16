import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type Browser, chromium, type Page } from "playwright-core";
import type { DisplayState } from "../../src/daemon/api.ts";
import type { WallState } from "../../src/daemon/art/wall.ts";
import { kill, root } from "./camera-kit.ts";

/** The screens' pages from a server process of their own, in a real browser. */

export const browserPath = "/usr/bin/chromium";
const flags = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath, args: flags });
}

export interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  show(state: DisplayState): void;
  raise(event: object): void;
  /** What hangs in the lobby and what is painted. */
  hang(wall: WallState): void;
  blank(blank: { isBlank: boolean; changesAt: string | null }): void;
}

const servers: Server[] = [];
const pages: Page[] = [];

/** Closes every page and ends every server that a test opened. */
export async function closeScreens(): Promise<void> {
  for (const page of pages.splice(0)) await page.context().close();
  for (const server of servers.splice(0)) await kill(server.child);
}

/** `folder`: where the pictures lie that hang in the lobby. */
export async function serve(port = 0, folder = ""): Promise<Server> {
  const child = spawn(process.execPath, [`${root}test/support/web-server.mjs`, String(port), folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [said] = await once(child.stdout, "data");
  const send = (command: object): void => void child.stdin.write(`${JSON.stringify(command)}\n`);
  const server: Server = {
    child,
    port: JSON.parse(String(said)).port,
    show: (display) => send({ display }),
    raise: (event) => send({ event }),
    hang: (wall) => send({ wall }),
    blank: (blank) => send({ blank }),
  };
  servers.push(server);
  return server;
}

/** Opens a page and collects what goes wrong in it. */
export async function open(browser: Browser, url: string, options: Parameters<Browser["newContext"]>[0] = {}) {
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

export const seen = (page: Page, text: string) =>
  page.getByText(text, { exact: true }).waitFor({ state: "visible", timeout: 10_000 });
export const gone = (page: Page, text: string) =>
  page.getByText(text, { exact: true }).waitFor({ state: "hidden", timeout: 10_000 });
export const inView = (page: Page, name: string) =>
  page.locator(`html[data-view="${name}"]`).waitFor({ state: "attached", timeout: 10_000 });
export const view = (page: Page) => page.locator("html").getAttribute("data-view");
