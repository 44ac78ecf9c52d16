import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { galleryCommand } from "../../../../src/cli/commands/gallery.ts";

let output = "";
beforeEach(() => {
  output = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
});
afterEach(() => void vi.restoreAllMocks());

/** Runs `lintel gallery …` against a client that gives this answer. */
async function run(answer: unknown, ...args: string[]): Promise<unknown[]> {
  const sent: unknown[] = [];
  const request = async (name: string, data: unknown) => {
    sent.push([name, data]);
    return answer;
  };
  await galleryCommand({ connect: async () => ({ request, close: () => {} }) }).parseAsync(args, { from: "user" });
  return sent;
}

const rotatedAt = "2031-05-01T08:00:00.000Z";

test("rotate-key asks for a new key and prints what was sealed with it", async () => {
  const answer = { vectors: 12, damaged: 0, rotatedAt };
  expect(await run(answer, "rotate-key", "--json")).toEqual([["gallery/rotate-key", {}]]);
  expect(JSON.parse(output)).toEqual(answer);
});

test("rotate-key says how many vectors stayed unreadable", async () => {
  await run({ vectors: 12, damaged: 3, rotatedAt }, "rotate-key");
  expect(output).toMatch(/12 vectors .* 3 could not be opened/);
});
