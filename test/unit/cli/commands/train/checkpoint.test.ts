import { expect, test } from "vitest";
import { resumeCommand } from "../../../../../src/cli/commands/train/checkpoint.ts";

test.each([
  [["train", "siamese", "./faces", "--steps", "200"], "lintel train siamese ./faces --steps 200 --resume"],
  [["train", "siamese", "--resume", "faces"], "lintel train siamese faces --resume"],
  [["train", "adapter", "my photos"], "lintel train adapter 'my photos' --resume"],
  [["train", "adapter", "Dana's $HOME"], "lintel train adapter 'Dana'\\''s $HOME' --resume"],
  [["train", "adapter", ""], "lintel train adapter '' --resume"],
])("the command that goes on from %j can be pasted into a shell", (args, command) => {
  expect(resumeCommand(args)).toBe(command);
});
