import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../support/daemon.ts";

describe("lintel demo", () => {
  it("tells its whole story and ends with code 0 only because each step did what it should", async () => {
    const child = spawn(process.execPath, [join(root, "dist/cli/main.js"), "demo", "--no-stay", "--json"]);
    const out = collect(child.stdout);
    const story = collect(child.stderr);
    const [code] = await once(child, "close");
    const document = JSON.parse(out());
    expect(document, story()).toMatchObject({ ok: true });
    expect(document.steps.map(({ ok }: { ok: boolean }) => ok)).toEqual(Array(8).fill(true));
    for (const step of document.steps) expect(Object.keys(step)).toEqual(["name", "ok", "detail", "ms"]);
    expect(code).toBe(0);
    expect(story()).toContain("All 8 steps did what they should.");
  }, 120_000);
});

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.on("data", (chunk) => {
    text += chunk;
  });
  return () => text;
}
