import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Acknowledgement, DisplayState } from "../../src/daemon/api.ts";
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

const servers: Server[] = [];
const pages: Page[] = [];

/** The pages as the daemon serves them, and what they acknowledge. */
export class Server {
  readonly child: ChildProcess;
  /** Of challenges, in the order in which they came. */
  readonly acknowledged: Acknowledgement[] = [];
  #port = 0;
  #onLine: () => void = () => {};

  /** `folder`: where the pictures lie that hang in the lobby. */
  constructor(port: number, folder: string) {
    const program = `${root}test/support/web-server.mjs`;
    const child = spawn(process.execPath, [program, String(port), folder], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = JSON.parse(line);
      if (said.port) this.#port = said.port;
      if (said.acknowledged) this.acknowledged.push(said.acknowledged);
      this.#onLine();
    });
    this.child = child;
  }

  get port(): number {
    return this.#port;
  }

  async started(): Promise<void> {
    await this.#until(() => this.#port !== 0);
  }

  show(display: DisplayState): void {
    this.#send({ display });
  }

  raise(event: object): void {
    this.#send({ event });
  }

  /** What hangs in the lobby and what is painted. */
  hang(wall: WallState): void {
    this.#send({ wall });
  }

  blank(blank: { isBlank: boolean; changesAt: string | null }): void {
    this.#send({ blank });
  }

  /** Resolves when so many steps were acknowledged. */
  async acknowledgements(count: number): Promise<readonly Acknowledgement[]> {
    await this.#until(() => this.acknowledged.length >= count);
    return this.acknowledged;
  }

  #send(command: object): void {
    this.child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#onLine = resolve));
  }
}

/** `folder`: where the pictures lie that hang in the lobby. */
export async function serve(port = 0, folder = ""): Promise<Server> {
  const server = new Server(port, folder);
  servers.push(server);
  await server.started();
  return server;
}

export async function closePages(): Promise<void> {
  for (const page of pages.splice(0)) await page.context().close();
}

/** Closes every page and ends every server that a test opened. */
export async function closeScreens(): Promise<void> {
  await closePages();
  for (const server of servers.splice(0)) await kill(server.child);
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
