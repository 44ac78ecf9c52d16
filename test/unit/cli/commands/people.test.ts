import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { peopleCommand } from "../../../../src/cli/commands/people.ts";
import { LintelError } from "../../../../src/core/errors.ts";
import { maxPhotoBytes } from "../../../../src/vision/protocol.ts";

interface Sent {
  readonly name: string;
  readonly data: Record<string, unknown>;
}
interface SentPhoto {
  readonly file: string;
  readonly data: string;
}

let directory: string;
let sent: Sent[];
let closed: number;
let configs: string[];
let answer: (request: Sent) => unknown;
let output: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lintel-people-"));
  sent = [];
  closed = 0;
  configs = [];
  output = "";
  answer = ({ data }) => ({ id: data.id, templates: 1, refused: [] });
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
  process.exitCode = undefined;
});

/** Runs `lintel people …` against a client that answers as the test says. */
async function run(...args: string[]): Promise<void> {
  const command = peopleCommand({
    connect: async (config) => {
      configs.push(config);
      return {
        request: async (name, data) => {
          const request = { name, data: data as Record<string, unknown> };
          sent.push(request);
          return answer(request);
        },
        close: () => {
          closed++;
        },
      };
    },
  });
  for (const one of [command, ...command.commands]) {
    one.exitOverride().configureOutput({ writeErr: () => {} });
  }
  await command.parseAsync(args, { from: "user" });
}

function file(name: string, content: string | Buffer = name): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const photosOf = ({ data }: Sent) => data.photos as SentPhoto[];
const dana = {
  id: "dana",
  name: "Dana",
  enabled: true,
  templates: 2,
  groups: ["staff"],
  consent: null,
  validFrom: null,
  validUntil: null,
  openSeconds: null,
  createdAt: "2031-05-01T08:00:00.000Z",
  updatedAt: "2031-05-01T08:00:00.000Z",
};

describe("people add", () => {
  test("sends the pictures in base64 and prints one JSON document", async () => {
    await run(
      "add",
      "dana",
      "--name",
      "Dana",
      "--consent",
      "C-1",
      "--config",
      "x.yaml",
      "--json",
      file("a"),
      file("b"),
    );
    expect(configs).toEqual(["x.yaml"]);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ name: "people/add", data: { id: "dana", name: "Dana", consent: "C-1" } });
    expect(sent.flatMap(photosOf).map(({ data }) => Buffer.from(data, "base64").toString())).toEqual(["a", "b"]);
    expect(JSON.parse(output)).toEqual({ id: "dana", templates: 1, refused: [] });
    expect(process.exitCode).toBe(0);
    expect(closed).toBe(1);
  });

  test("reports refusals by the path that was given, and still succeeds", async () => {
    const paths = [file("a.jpg"), file("b.jpg")];
    answer = (request) => ({
      id: "dana",
      templates: 1,
      refused: [{ file: photosOf(request)[1]?.file, reason: "no-face", detail: "No face was found." }],
    });
    await run("add", "dana", "--name", "Dana", "--json", ...paths);
    expect(JSON.parse(output).refused).toEqual([{ file: paths[1], reason: "no-face", detail: "No face was found." }]);
    expect(process.exitCode).toBe(0);
  });

  test.each([
    ["no-face", 1],
    ["several-faces", 1],
    ["already-enrolled", 1],
    ["too-dark", 1],
    ["not-an-image", 2],
    ["corrupt", 2],
    ["too-many-pixels", 2],
  ])("when all is refused as %s it exits with %d", async (reason, exit) => {
    answer = (request) => ({
      id: "dana",
      templates: 0,
      refused: photosOf(request).map(({ file: name }) => ({ file: name, reason, detail: "Do this." })),
    });
    await run("add", "dana", "--name", "Dana", file("a.jpg"));
    expect(process.exitCode).toBe(exit);
    expect(output).toBe(`dana was not enrolled\n  a.jpg: ${reason}. Do this.\n`);
  });

  test("an empty and an oversized file are refused without being sent", async () => {
    const paths = [file("empty.jpg", ""), file("huge.jpg", Buffer.alloc(maxPhotoBytes + 1))];
    await run("add", "dana", "--name", "Dana", "--json", ...paths);
    expect(sent).toEqual([]);
    expect(JSON.parse(output).refused.map((one: { reason: string }) => one.reason)).toEqual(["empty", "too-large"]);
    expect(process.exitCode).toBe(2);
  });

  test("many large pictures go in several requests, each below the limit of a message", async () => {
    const paths = Array.from({ length: 3 }, (_, i) => file(`${i}.jpg`, Buffer.alloc(4 * 1024 * 1024, i)));
    answer = () => ({ id: "dana", templates: sent.length, refused: [] });
    await run("add", "dana", "--name", "Dana", "--json", ...paths);
    expect(sent.map((request) => photosOf(request).length)).toEqual([2, 1]);
    for (const request of sent) expect(JSON.stringify(request).length).toBeLessThan(12_000_000);
    expect(JSON.parse(output).templates).toBe(2);
  });

  test("a picture that is not there ends the command before anything is sent", async () => {
    await expect(
      run("add", "dana", "--name", "Dana", file("a.jpg"), join(directory, "none.jpg")),
    ).rejects.toMatchObject({
      code: "LINTEL_E_UNREADABLE",
      exit: 2,
    });
    expect(configs).toEqual([]);
  });

  test("an error of the daemon is passed on and the line is closed", async () => {
    answer = () => {
      throw new LintelError("LINTEL_E_REQUEST", "no");
    };
    await expect(run("add", "dana", "--name", "Dana", file("a.jpg"))).rejects.toMatchObject({
      code: "LINTEL_E_REQUEST",
    });
    expect(closed).toBe(1);
  });

  test("an answer of another version is one clear error", async () => {
    answer = () => ({ ok: true });
    await expect(run("add", "dana", "--name", "Dana", file("a.jpg"))).rejects.toMatchObject({
      code: "LINTEL_E_UNAVAILABLE",
    });
  });

  test.each([[["add", "dana", "--name", "Dana"]], [["add", "dana", "a.jpg"]], [["add"]], [["add", "--nme", "x"]]])(
    "wrong usage is refused: %j",
    async (args) => {
      await expect(run(...args)).rejects.toThrow();
      expect(configs).toEqual([]);
    },
  );
});

describe("people list, show, update, remove", () => {
  test("list prints the keys of the contract and a table for people", async () => {
    answer = () => ({ people: [dana] });
    await run("list", "--json");
    expect(JSON.parse(output)).toEqual({
      people: [{ id: "dana", name: "Dana", enabled: true, templates: 2, groups: ["staff"] }],
    });
    output = "";
    await run("list");
    expect(output.split("\n").slice(0, 2)).toEqual([
      "id    name  enabled  templates  groups",
      "dana  Dana  yes      2          staff",
    ]);
  });

  test("show prints the whole person", async () => {
    answer = () => dana;
    await run("show", "dana", "--json");
    expect(sent).toEqual([{ name: "people/show", data: { id: "dana" } }]);
    expect(JSON.parse(output)).toEqual(dana);
  });

  test.each<[string[], Record<string, unknown>]>([
    [["--name", "D"], { name: "D" }],
    [["--disable"], { enabled: false }],
    [["--enable", "--open-seconds", "20"], { enabled: true, openSeconds: 20 }],
    [["--groups", "staff, night"], { groups: ["staff", "night"] }],
    [["--groups", "none", "--consent", "none"], { groups: [], consent: null }],
    [
      ["--valid-from", "2031-05-01T08:00:00Z", "--valid-until", "none"],
      { validFrom: "2031-05-01T08:00:00Z", validUntil: null },
    ],
  ])("update %j sends what is named and nothing else", async (args, data) => {
    answer = () => dana;
    await run("update", "dana", ...args);
    expect(sent).toEqual([{ name: "people/update", data: { id: "dana", ...data } }]);
  });

  test.each([[[]], [["--enable", "--disable"]], [["--open-seconds", "soon"]], [["--open-seconds", "-1"]]])(
    "update with %j is wrong usage",
    async (args) => {
      await expect(run("update", "dana", ...args)).rejects.toThrow();
      expect(sent).toEqual([]);
    },
  );

  const proof = {
    ...{ id: "dana", person: "dana", removedAt: "2031-05-01T08:00:00.000Z", templates: 2, vectors: [], event: 9 },
    ...{ digest: "ab".repeat(32), search: { files: 4, bytes: 40960, remains: [] as string[] } },
  };

  test("remove says whom and prints the proof", async () => {
    answer = () => proof;
    await run("remove", "dana", "--json");
    expect(sent).toEqual([{ name: "people/remove", data: { id: "dana" } }]);
    expect(JSON.parse(output)).toEqual(proof);
    expect(process.exitCode).toBeUndefined();
  });

  test("remove that left something somewhere says where and is no success", async () => {
    answer = () => ({ ...proof, search: { ...proof.search, remains: ["old-copy.db"] } });
    await run("remove", "dana");
    expect(output).toContain("old-copy.db");
    expect(process.exitCode).toBe(1);
  });
});

describe("people export", () => {
  const part = (events: number[], nextEvent: number | null) => ({
    ...{ format: "lintel-person-1", person: { id: "dana" }, templates: [] },
    ...{ events: events.map((seq) => ({ seq })), nextEvent },
  });

  test("prints one document, put together from as many answers as it takes", async () => {
    answer = ({ data }) => (data.eventsFrom === 0 ? part([1, 2], 3) : part([3], null));
    await run("export", "dana", "--json");
    expect(sent.map(({ data }) => data)).toEqual([
      { id: "dana", vectors: false, eventsFrom: 0 },
      { id: "dana", vectors: false, eventsFrom: 3 },
    ]);
    expect(JSON.parse(output)).toEqual(part([1, 2, 3], null));
  });

  test("asks for the vectors only when told to, and prints JSON without --json too", async () => {
    answer = () => part([], null);
    await run("export", "dana", "--vectors");
    expect(sent[0]?.data).toMatchObject({ vectors: true });
    expect(JSON.parse(output)).toEqual(part([], null));
  });
});
