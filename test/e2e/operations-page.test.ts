import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoCast } from "../../src/cli/demo/demo-cast.ts";
import { roles } from "../../src/simulation/roles.ts";
import { DoorRig } from "../support/door-rig.ts";
import { testModelCache } from "../support/model-cache.ts";
import { browserPath, closeScreens, launchBrowser, open } from "../support/screens.ts";

describe.skipIf(!existsSync(browserPath))("the operations page in a real browser (needs chromium)", () => {
  let rig: DoorRig;
  let browser: Browser;
  let page: Page;
  let problems: readonly string[];

  beforeAll(async () => {
    rig = await DoorRig.open();
    browser = await launchBrowser();
    const { text } = await rig.daemon.logged("operations page", 10_000);
    const { url, tokenFile } = JSON.parse(text) as { url: string; tokenFile: string };
    ({ page, problems } = await open(browser, url, { viewport: { width: 1280, height: 800 } }));
    await page.getByLabel("Token").fill("a token that is wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("That is not the token.").waitFor();
    await page.getByLabel("Token").fill(readFileSync(tokenFile, "utf8"));
    await page.getByRole("button", { name: "Log in" }).click();
    await page.locator("#operations").waitFor();
  });
  afterAll(async () => {
    await closeScreens();
    await browser?.close();
    await rig?.stop();
  });

  const picture = async (name: string) => {
    const folder = process.env.LINTEL_SCREENSHOTS;
    if (folder !== undefined) await page.screenshot({ path: join(folder, `operations-${name}.png`) });
  };
  const tab = (name: string) => page.getByRole("button", { name, exact: true }).click();

  it("opens and locks the door, and shows both as they happen", async () => {
    const mark = await rig.mark();
    await tab("Open");
    await rig.opened(mark);
    await page.locator("#lock", { hasText: "unlocked" }).waitFor();
    await page.getByText("Open for 5 seconds.").waitFor();
    await tab("Lock");
    await page.locator("#lock", { hasText: /^locked$/ }).waitFor();
    await page.locator("#events li", { hasText: "opened" }).first().waitFor();
    await picture("door");
  });

  it("changes the mode, and shows a mode that somebody else set", async () => {
    await page.getByLabel("Lockdown").check();
    await page.locator("#mode", { hasText: "lockdown" }).waitFor();
    await rig.ask("door/mode", { mode: "normal" });
    await page.locator("#mode", { hasText: "normal" }).waitFor();
    expect(await page.getByLabel("Normal").isChecked()).toBe(true);
  });

  it("enrols from a photograph, says what is wrong with another, and removes only when asked twice", async () => {
    const { photoOf } = await demoCast(testModelCache);
    const [good, bad] = [join(rig.folder, "bob.jpg"), join(rig.folder, "empty.jpg")];
    writeFileSync(good, await photoOf(roles.newcomer));
    writeFileSync(bad, "no picture");
    await tab("People");
    await page.getByLabel("Name").fill("Bob Müller");
    expect(await page.getByLabel("Id").inputValue()).toBe("bob-muller");
    await page.getByLabel("Photographs").setInputFiles([good, bad]);
    await page.getByRole("button", { name: "From photographs" }).click();
    await page.getByText("Bob Müller: 1 templates.").waitFor();
    await page.getByText("empty.jpg: The file is no picture").waitFor();
    const row = page.locator("#people tr", { hasText: "Bob Müller" });
    await row.waitFor();
    await picture("people");
    await row.getByRole("button").click();
    expect(await rig.ask("people/list")).toMatchObject({ people: [{ id: "bob-muller" }] });
    await row.getByRole("button", { name: "Remove Bob Müller" }).click();
    await row.waitFor({ state: "detached" });
    expect(await rig.ask("people/list")).toEqual({ people: [] });
  });

  it("leads an enrolment at the door and tells how it goes", async () => {
    await page.getByLabel("Name").fill("Alice Example");
    await page.getByRole("button", { name: "At the door" }).click();
    await page.getByText("may come to the camera now").waitFor();
    rig.enter({ id: "alice", actor: roles.enrolled });
    await page.getByText("Alice Example: 3 templates.").waitFor({ timeout: 40_000 });
    await page.locator("#people tr", { hasText: "alice-example" }).waitFor();
  });

  it("shows what the camera sees while somebody looks, writes that down, and stops", async () => {
    await tab("Aim");
    await page.getByRole("button", { name: "Look", exact: true }).click();
    await page.locator("#aim-faces dl", { hasText: "Width" }).first().waitFor({ timeout: 20_000 });
    await picture("aim");
    const bright = `(() => {
      const canvas = document.getElementById("aim-picture");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, i) => i % 4 !== 3 && value > 60).length / data.length;
    })()`;
    expect(await page.evaluate<number>(bright)).toBeGreaterThan(0.1);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Look", exact: true }).waitFor();
    const looks = (await rig.events()).filter(({ changed }) => JSON.stringify(changed) === '["aim"]');
    expect(looks).toMatchObject([{ type: "updated", by: "operations-page", seconds: 600 }]);
    await rig.clear();
  });

  it("shows the daemon's health in words", async () => {
    await tab("Health");
    await page.locator("#health .card", { hasText: "It works." }).waitFor();
    await picture("health");
  });

  it("fits on a telephone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const name of ["Door", "People", "Health", "Aim"]) {
      await tab(name);
      const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");
      expect({ name, overflow: Math.max(0, overflow) }).toEqual({ name, overflow: 0 });
    }
    await tab("Door");
    await picture("phone");
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it("says that the daemon is gone, and asks for the token again when a new one is there", async () => {
    await rig.daemon.stop();
    await page.getByText("No answer from the daemon").waitFor({ timeout: 15_000 });
    expect(problems.filter((text) => !/Failed to load resource|ERR_/.test(text))).toEqual([]);
  });
});
