import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { importCommand } from "../../../../../src/cli/commands/people/import.ts";
import { LintelError } from "../../../../../src/core/errors.ts";

interface Sent {
  readonly id: string;
  readonly name: string;
  readonly groups?: readonly string[];
  readonly photos: readonly { readonly file: string; readonly data: string }[];
}

let root: string;
let sent: Sent[];
let output: string;
let answer: (request: Sent) => unknown;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lintel-import-"));
  sent = [];
  output = "";
  answer = ({ id, photos }) => ({ id, templates: photos.length, refused: [] });
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
  process.exitCode = undefined;
});

function put(path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), path);
}

async function runImport(...args: string[]): Promise<void> {
  const command = importCommand({
    connect: async () => ({
      request: async (_, data) => {
        sent.push(data as Sent);
        return answer(data as Sent);
      },
      close: () => {},
    }),
  });
  await command.exitOverride().parseAsync([root, ...args], { from: "user" });
}

test("everybody is enrolled under a name and an id, with the groups and the consent given", async () => {
  put("Dana Novak/1.jpg");
  put("bob.jpg");
  await runImport("--groups", "staff, it", "--consent", "7");
  expect(sent).toMatchObject([
    { id: "dana-novak", name: "Dana Novak", groups: ["staff", "it"], consent: "7", photos: [{}] },
    { id: "bob", name: "bob", groups: ["staff", "it"], consent: "7" },
  ]);
  expect(output).toContain("2 of 2 pictures taken; 2 of 2 people are enrolled");
  expect(process.exitCode).toBe(0);
});

test("a picture that is not taken is named by its file in the report, not by its number in the request", async () => {
  put("dana/1.jpg");
  put("dana/2.jpg");
  answer = ({ id }) => ({ id, templates: 1, refused: [{ file: "1", reason: "blurred", detail: "Hold still." }] });
  await runImport("--json");
  expect(JSON.parse(output)).toMatchObject({
    pictures: 2,
    taken: 1,
    people: [{ id: "dana", templates: 1, refused: [{ file: "dana/2.jpg", reason: "blurred" }], error: null }],
  });
});

test("a person who is refused altogether does not keep the others out", async () => {
  put("anna/1.jpg");
  put("bob/1.jpg");
  answer = ({ id, photos }) => {
    if (id === "anna")
      throw new LintelError("LINTEL_E_REQUEST", "anna may not be enrolled without a consent reference");
    return { id, templates: photos.length, refused: [] };
  };
  await runImport("--json");
  expect(JSON.parse(output)).toMatchObject({
    taken: 1,
    people: [
      { id: "anna", templates: 0, error: expect.stringContaining("consent") },
      { id: "bob", templates: 1 },
    ],
  });
});

test("a daemon that is gone ends the import instead of refusing everybody", async () => {
  put("anna/1.jpg");
  put("bob/1.jpg");
  answer = () => {
    throw new LintelError("LINTEL_E_UNAVAILABLE", "the daemon does not answer");
  };
  await expect(runImport()).rejects.toThrow("the daemon does not answer");
  expect(sent).toHaveLength(1);
});

test("nothing taken at all is a no", async () => {
  put("dana/1.jpg");
  answer = ({ id }) => ({ id, templates: 0, refused: [{ file: "0", reason: "no-face", detail: "No face." }] });
  await runImport();
  expect(process.exitCode).toBe(1);
  expect(output).toContain("dana/1.jpg  no-face  No face.");
});

test("many pictures of one person go in several requests, none of them lost", async () => {
  for (let i = 0; i < 19; i++) put(`dana/${String(i).padStart(2, "0")}.jpg`);
  await runImport();
  const names = sent.flatMap(({ photos }) => photos.map(({ data }) => Buffer.from(data, "base64").toString()));
  expect(names).toEqual(Array.from({ length: 19 }, (_, i) => `dana/${String(i).padStart(2, "0")}.jpg`));
  expect(sent.length).toBeGreaterThan(1);
});
