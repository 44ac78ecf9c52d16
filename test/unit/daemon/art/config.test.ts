import { expect, test } from "vitest";
import { artConfig } from "../../../../src/daemon/art/config.ts";

test.each([
  { isAllowed: true },
  { network: "vgg19", isAllowed: true },
  { size: 2048, isAllowed: true },
  { size: 2049, isAllowed: false },
  { size: 3840, memoryMb: 2559, isAllowed: false },
  { size: 3840, memoryMb: 2560, isAllowed: true },
])("what would not fit into memory is refused when the configuration is read: %o", ({ isAllowed, ...art }) => {
  const parsed = artConfig.safeParse(art);
  expect(parsed.success).toBe(isAllowed);
  if (!parsed.success) {
    expect(parsed.error.issues).toMatchObject([
      { path: ["size"], message: "is too large for art.memoryMb: above 2048 it must be 2560 at least" },
    ]);
  }
});

test("nothing larger than 4K is painted", () => {
  expect(artConfig.safeParse({ size: 3841, memoryMb: 4096 }).success).toBe(false);
});
