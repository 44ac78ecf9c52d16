import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStudio } from "../support/art-studio.ts";
import { root } from "../support/daemon.ts";
import { poll } from "../support/poll.ts";

const studio = openStudio();
let inputs: string[];
beforeAll(async () => {
  const content = await studio.draw("content.png");
  const style = await studio.draw("style.png", { seed: 4 });
  inputs = ["--content", content, "--style", style];
});
afterAll(() => studio.close());

const main = `${root}dist/cli/main.js`;
const small = ["--size", "64", "--coarsest-size", "64", "--steps", "4"];
const environment = { ...process.env, XDG_CACHE_HOME: studio.folder };

async function art(...args: string[]) {
  return promisify(execFile)(process.execPath, [main, "art", ...args], { env: environment }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

test("lintel art render writes the picture and prints one document", async () => {
  const out = studio.file("painted.jpg");
  const { code, stdout, stderr } = await art("render", ...inputs, ...small, "--seed", "5", "--out", out, "--json");
  expect([code, stderr]).toEqual([0, ""]);
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({ network: "mobilenet", engine: "onnx cpu", size: 64, steps: 4, finished: true, out });
  expect(document.loss).toHaveLength(4);
  expect(document.seconds).toBeGreaterThan(0);
  expect(document.stepMs).toBeGreaterThan(0);
  expect(await sharp(out).metadata()).toMatchObject({ format: "jpeg", width: 64, height: 43 });
});

test("a mask belongs to the style before it", async () => {
  const mask = await studio.draw("mask.png", { seed: 2 });
  const out = studio.file("masked.png");
  const masked = [...inputs.slice(0, 4), "--mask", mask, "--style", await studio.draw("second.png", { seed: 9 })];
  const { code, stderr } = await art("render", ...masked, ...small, "--out", out, "--json");
  expect([code, stderr]).toEqual([0, ""]);
  expect(existsSync(out)).toBe(true);
});

test.each([
  [["--optimiser", "lbfgs"], "style"],
  [["--mode", "dream"], "dream"],
])("with %j it paints too", async (options, mode) => {
  const out = studio.file(`${mode}.png`);
  const { code, stdout } = await art("render", ...inputs, ...small, ...options, "--out", out, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ steps: 4, finished: true });
});

test("previews lie beside the output, and variants on one sheet", async () => {
  const out = studio.file("shown.png");
  expect((await art("render", ...inputs, ...small, "--preview", "--out", out)).code).toBe(0);
  expect(readdirSync(studio.folder).filter((name) => name.startsWith("shown.step-"))).toHaveLength(3);
  const sheet = studio.file("sheet.webp");
  const variants = await art("render", ...inputs, ...small, "--steps", "1", "--variants", "--out", sheet, "--json");
  expect(JSON.parse(variants.stdout).variants).toHaveLength(9);
  expect((await sharp(sheet).metadata()).width).toBeGreaterThan(3 * 64);
});

test("an interrupted painting writes what there is", async () => {
  const out = studio.file("early.png");
  const args = ["render", ...inputs, "--size", "64", "--coarsest-size", "64", "--steps", "1000", "--preview", "--json"];
  const child: ChildProcess = spawn(process.execPath, [main, "art", ...args, "--out", out], { env: environment });
  let stdout = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const files = async () => readdirSync(studio.folder).filter((name) => name.startsWith("early.step-"));
  await poll(
    files,
    (names) => names.length > 0,
    () => "no preview was written",
    50_000,
  );
  child.kill("SIGINT");
  expect(await ended).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ finished: false, width: 64 });
  expect(statSync(out).size).toBeGreaterThan(0);
});

test.each([
  [["--size", "7"], /size/],
  [["--steps", "0"], /steps/],
  [["--style-layers", "pw99"], /no layer pw99/],
  [["--mask", "nowhere.png"], /nowhere.png cannot be read/],
  [["--mask", "a.png", "--mask", "b.png"], /each style has one at most/],
  [["--optimiser", "lbfgs", "--mode", "dream"], /a dream is not painted with lbfgs/],
  [["--out", "painting.bmp"], /end the name with .jpg, .png or .webp/],
  [["--content", "nowhere.jpg"], /nowhere.jpg cannot be read/],
])("with %j it says in one line what is wrong, exits 2 and writes nothing", async (args, reason) => {
  const out = studio.file("refused.png");
  const { code, stdout, stderr } = await art("render", ...inputs, ...small, "--out", out, ...args);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toMatch(reason);
  expect(existsSync(out)).toBe(false);
});

test("a network that is not installed is exit 69 and says how to get it", async () => {
  const { code, stderr } = await art(
    "render",
    ...inputs,
    ...small,
    "--network",
    "vgg19",
    "--out",
    studio.file("v.png"),
  );
  expect(code).toBe(69);
  expect(stderr).toMatch(/lintel models pull vgg19/);
});

test("lintel art look prints the patches it found", async () => {
  const out = studio.file("unit.png");
  const args = ["--layer", "pw2", "--unit", "3", "--pictures", studio.folder, "--steps", "2", "--out", out, "--json"];
  const { code, stdout } = await art("look", ...args);
  expect(code).toBe(0);
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({ network: "mobilenet", layer: "pw2", unit: 3, receptiveFieldPx: 11, out });
  expect(document.patches.length).toBeGreaterThan(1);
  expect(existsSync(out)).toBe(true);
});
