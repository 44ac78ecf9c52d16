import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openPictures } from "../../../../src/cli/import/pictures.ts";
import { maxPhotoBytes } from "../../../../src/vision/protocol.ts";
import { zipOf } from "../../../support/zip.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lintel-import-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string | Buffer = path): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
}

async function peopleOf(path: string) {
  const source = await openPictures(path);
  const people = source.people.map(({ id, pictures }) => [id, pictures.map(({ file }) => file)]);
  source.close();
  return people;
}

describe("a folder", () => {
  test("is read by person, each in the order of the file names", async () => {
    put("in/Dana/2.jpg");
    put("in/Dana/1.jpg");
    put("in/bob.png");
    put("in/Dana/notes.txt");
    put("in/.trash/x.jpg");
    put("in/Dana/._1.jpg");
    expect(await peopleOf(join(root, "in"))).toEqual([
      ["dana", ["Dana/1.jpg", "Dana/2.jpg"]],
      ["bob", ["bob.png"]],
    ]);
  });

  test("does not lead out of itself by a link", async () => {
    const secret = put("outside/secret.jpg");
    put("in/dana/1.jpg");
    symlinkSync(secret, join(root, "in/dana/2.jpg"));
    symlinkSync(join(root, "outside"), join(root, "in/eve"));
    expect(await peopleOf(join(root, "in"))).toEqual([["dana", ["dana/1.jpg"]]]);
  });

  test("names the pictures whose person has no id, and those too large to send, and keeps the others", async () => {
    put("in/李雷/1.jpg");
    put("in/dana/huge.jpg", Buffer.alloc(maxPhotoBytes + 1));
    put("in/dana/1.jpg");
    const { people, skipped } = await openPictures(join(root, "in"));
    expect(people.map(({ id }) => id)).toEqual(["dana"]);
    expect(skipped).toMatchObject([
      { file: "dana/huge.jpg", reason: "too-large" },
      { file: "李雷/1.jpg", reason: "no-id" },
    ]);
  });
});

describe("a ZIP archive", () => {
  test("gives the same people as the folder it was made of, and the bytes of each file", async () => {
    const zip = put(
      "staff.zip",
      zipOf({ "Dana/1.jpg": "one", "Dana/2.jpg": "two", "bob.png": "bob", "__MACOSX/Dana/._1.jpg": "" }),
    );
    const source = await openPictures(zip);
    expect(source.people.map(({ id, pictures }) => [id, pictures.length])).toEqual([
      ["dana", 2],
      ["bob", 1],
    ]);
    expect(String(await source.people[0]?.pictures[1]?.read())).toBe("two");
    source.close();
  });

  test("of a folder is not taken for one person of that folder's name", async () => {
    const zip = put("staff.zip", zipOf({ "staff/dana/1.jpg": "one", "staff/bob/1.jpg": "two" }));
    expect(await peopleOf(zip)).toEqual([
      ["bob", ["bob/1.jpg"]],
      ["dana", ["dana/1.jpg"]],
    ]);
  });

  test.each([
    ["that climbs out of itself", zipOf({ "../../etc/dana.jpg": "x" })],
    ["with an absolute name", zipOf({ "/etc/dana.jpg": "x" })],
    ["that is cut off", zipOf({ "dana/1.jpg": "one" }).subarray(0, 40)],
    ["that is none", Buffer.from("not an archive")],
    ["that is empty", Buffer.alloc(0)],
    ["without a picture in it", zipOf({ "readme.txt": "x" })],
  ])("%s is refused in one line that says what to do", async (_, bytes) => {
    const zip = put("bad.zip", bytes);
    await expect(openPictures(zip)).rejects.toMatchObject({ code: "LINTEL_E_UNREADABLE", hint: expect.any(String) });
  });

  test("whose directory lies about a file's size does not give more than it said", async () => {
    const bytes = zipOf({ "dana/1.jpg": "a picture of some length" });
    bytes.writeUInt32LE(3, bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 24);
    const outcome = async () => {
      const source = await openPictures(put("lie.zip", bytes));
      return source.people[0]?.pictures[0]?.read();
    };
    await expect(outcome()).rejects.toThrow();
  });
});

test("nothing there, and nothing in it, are told apart", async () => {
  await expect(openPictures(join(root, "absent"))).rejects.toThrow(/cannot read/);
  mkdirSync(join(root, "empty"));
  await expect(openPictures(join(root, "empty"))).rejects.toThrow(/no pictures in empty/);
});
