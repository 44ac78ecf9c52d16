import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/models/catalogue.ts";
import { photographNames } from "../../../src/simulation/photographs.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const require = createRequire(import.meta.url);

interface Rules {
  isUsed(file: { name: string; path: string; arch: string }): boolean;
  fileOfPackage(path: string): { name: string; path: string } | undefined;
}
const rules: Rules = await import(join(root, "scripts/package/prune.mjs"));
const isUsed = (name: string, path: string, arch = "arm64") => rules.isUsed({ name, path, arch });

describe("what of the dependencies a board gets", () => {
  it.each(Object.values(catalogue))("is every file of the network $name", (contract) => {
    for (const { path } of contract.files) expect([path, isUsed(contract.package, path)]).toEqual([path, true]);
  });

  it("is every photograph of the demo's cast", () => {
    for (const name of photographNames) expect(isUsed("@vladmandic/face-api", `demo/${name}.jpg`)).toBe(true);
  });

  it.each(Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies))(
    "is the entry of %s, and its description",
    (name) => {
      // Weights alone are taken from these two; their code is not loaded.
      if (name.startsWith("@vladmandic/")) return;
      if (name === "h5wasm") return expect(isUsed(name, "dist/node/hdf5_hl.js")).toBe(true);
      const entry = require.resolve(name);
      const path = entry.slice(entry.lastIndexOf(join("node_modules", name)) + join("node_modules", name, "/").length);
      expect([path, isUsed(name, path, "x64")]).toEqual([path, true]);
      expect(isUsed(name, "package.json")).toBe(true);
    },
  );

  it.each([
    ["onnxruntime-node", "bin/napi-v6/linux/arm64/libonnxruntime.so.1", true],
    ["onnxruntime-node", "bin/napi-v6/linux/x64/libonnxruntime.so.1", false],
    ["onnxruntime-node", "bin/napi-v6/win32/arm64/onnxruntime.dll", false],
    ["onnxruntime-node", "dist/index.js", true],
    ["@libsql/linux-arm64-gnu", "index.node", true],
    ["@libsql/linux-arm64-musl", "index.node", false],
    ["@types/node", "fs.d.ts", false],
    ["fastify", "lib/server.js", true],
    ["fastify", "test/server.test.js", false],
    ["fastify", "docs/Guides/Index.md", false],
    ["yaml", "dist/doc/Document.js", true],
    ["pino", "lib/tools.js.map", false],
    ["pino", "pino.d.ts", false],
    ["@vladmandic/human", "models/movenet-lightning.bin", false],
    ["@vladmandic/human", "dist/human.node.js", false],
    ["zod", "src/index.ts", false],
  ])("%s: %s: %s", (name, path, used) => {
    expect(isUsed(name, path)).toBe(used);
  });

  it.each(["LICENSE", "LICENSE.txt", "license.md", "ThirdPartyNotices.txt", "NOTICE", "sub/COPYING"])(
    "never lacks a licence (%s)",
    (path) => {
      expect(isUsed("@vladmandic/human", path)).toBe(true);
    },
  );

  it("is judged by the innermost package", () => {
    expect(rules.fileOfPackage("node_modules/a/node_modules/@b/c/lib/x.js")).toEqual({
      name: "@b/c",
      path: "lib/x.js",
    });
    expect(rules.fileOfPackage("node_modules/@b/c/node_modules/a/x.js")).toEqual({ name: "a", path: "x.js" });
    expect(rules.fileOfPackage("dist/cli/main.js")).toBeUndefined();
    expect(dirname(rules.fileOfPackage("node_modules/a/lib/x.js")?.path ?? "")).toBe("lib");
  });
});
