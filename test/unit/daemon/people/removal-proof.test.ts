import { describe, expect, test } from "vitest";
import { digestOf, removalFacts } from "../../../../src/daemon/people/removal-proof.ts";

const row = (template: number, byte: number) => ({
  ...{ template, embedder: "dlib" as const },
  ...{
    iv: new Uint8Array(12).fill(byte),
    ciphertext: new Uint8Array(512).fill(byte),
    tag: new Uint8Array(16).fill(byte),
  },
});
const removal = { person: "dana", removedAt: "2026-05-10T12:00:00.000Z", templates: 2, sealed: [row(1, 1), row(2, 2)] };

describe("the digest of a removal", () => {
  const digest = digestOf(removalFacts(removal));

  test("is the same for the same facts, in whatever order their keys stand", () => {
    const { person, removedAt, templates, vectors } = removalFacts(removal);
    expect(digestOf({ vectors, templates, removedAt, person })).toBe(digest);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    ["person", { person: "eve" }],
    ["time", { removedAt: "2026-05-10T12:00:00.001Z" }],
    ["number of templates", { templates: 3 }],
    ["vectors", { sealed: [row(1, 1), row(2, 3)] }],
    ["order of vectors", { sealed: [row(2, 2), row(1, 1)] }],
  ])("changes with the %s", (_name, change) => {
    expect(digestOf(removalFacts({ ...removal, ...change }))).not.toBe(digest);
  });

  test("is made of facts that hold no byte of a vector", () => {
    const facts = JSON.stringify(removalFacts(removal));
    expect(facts).not.toContain("1,1,1,1");
    expect(facts).not.toContain(Buffer.alloc(12, 1).toString("base64"));
    expect(facts).not.toContain(Buffer.alloc(12, 1).toString("hex"));
  });
});
