import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../support/daemon.ts";
import { testModelCache } from "../support/model-cache.ts";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("the npm package", () => {
  const folder = mkdtempSync(join(tmpdir(), "lintel-packed-"));
  const configFile = join(folder, "lintel.yaml");
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

  const run = (program: string, args: readonly string[], cwd = folder) =>
    new Promise<Said>((resolve) => {
      execFile(program, args, { cwd, timeout: 200_000 }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  const lintel = (...args: string[]) => run("npx", ["--no-install", "lintel", ...args]);
  const installed = (path: string) => join(folder, "node_modules", path);

  /** Packs, and installs in an empty folder as anybody would. */
  beforeAll(async () => {
    const packed = await run(process.execPath, [join(root, "scripts/package/npm.mjs"), "--out", folder], root);
    expect(packed).toMatchObject({ code: 0 });
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    expect(await run("npm", ["install", ...quiet, packed.stdout.trim()])).toMatchObject({ code: 0 });
    const portraits: { writePortraits(to: string): Promise<void> } = await import(
      join(root, "scripts/package/portraits.mjs")
    );
    await portraits.writePortraits(folder);
    writeFileSync(
      configFile,
      JSON.stringify({
        stateDirectory: join(folder, "state"),
        camera: { driver: "replay", path: join(folder, "none.avi") },
        gpio: { driver: "simulated", socketPath: join(folder, "chip.sock"), outputs: { strike: { line: 0 } } },
        models: { cacheDirectory: testModelCache },
      }),
    );
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("tells its version", async () => {
    expect(await lintel("--version")).toMatchObject({ code: 0, stdout: `${manifest.version}\n` });
  });

  it("brings the dependencies it names to the patch, and the lock of all others for who unpacks it and runs npm ci", () => {
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    const versionOf = (name: string) => JSON.parse(readFileSync(installed(`${name}/package.json`), "utf8")).version;
    for (const name of Object.keys(manifest.dependencies)) {
      expect([name, versionOf(name)]).toEqual([name, lock.packages[`node_modules/${name}`].version]);
    }
    expect(JSON.parse(readFileSync(installed("lintel/npm-shrinkwrap.json"), "utf8"))).toEqual(lock);
  });

  it("holds what runs and what is read, and nothing else", () => {
    const files = readdirSync(installed("lintel"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed("lintel/").length))
      .filter((path) => !path.startsWith("node_modules/"));
    const folders = new Set(files.filter((path) => path.includes("/")).map((path) => path.split("/")[0]));
    expect(folders).toEqual(new Set(["bin", "config", "dist", "docs", "systemd"]));
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "systemd/install.sh", "docs/operations.md"]));
    expect(files.filter((path) => /\.(map|ts)$|^(src|test|bench|scripts)\//.test(path))).toEqual([]);
  });

  it("says with doctor what this machine lacks, and that the engine runs", async () => {
    const { code, stdout } = await lintel("doctor", "--json", "--config", configFile);
    expect(code).toBe(69);
    const { checks } = JSON.parse(stdout);
    const failed = checks.filter(({ ok }: { ok: boolean }) => !ok).map(({ name }: { name: string }) => name);
    // Nobody has started a simulated chip.
    expect(failed).toEqual(["gpio"]);
    expect(checks).toEqual(expect.arrayContaining([expect.objectContaining({ name: "engine", ok: true })]));
  });

  it("recognises whom it was shown, and nobody else", async () => {
    const config = ["--config", configFile];
    expect(await lintel("people", "add", "alice", "--name", "Alice", "alice.jpg", ...config)).toMatchObject({
      code: 0,
    });
    expect(await lintel("identify", "later.jpg", ...config)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^face at \d+, \d+: alice, distance /),
    });
    expect(await lintel("identify", "bob.jpg", ...config)).toMatchObject({ code: 1 });
  });
});
