import { expect, test } from "vitest";
import { artConfig } from "../../../../src/daemon/art/config.ts";

test.each([
  { network: "mobilenet", size: 2048, isAllowed: true },
  { network: "vgg19", size: 1024, isAllowed: true },
  { network: "vgg19", size: 1025, isAllowed: false },
  // its own default is made for MobileNet
  { network: "vgg19", isAllowed: false },
])("what would not fit into memory is refused when the configuration is read: %o", ({ isAllowed, ...art }) => {
  const parsed = artConfig.safeParse(art);
  expect(parsed.success).toBe(isAllowed);
  if (!parsed.success) {
    expect(parsed.error.issues).toMatchObject([
      { path: ["size"], message: "is too large for vgg19, which needs more memory: 1024 at most" },
    ]);
  }
});
