import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { openToken } from "../../../../src/daemon/operations/token.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lintel-token-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (credentialsDirectory?: string) => openToken({ stateDirectory: root, credentialsDirectory }, silentLogger);

test("a token is made once, for the owner's eyes alone, and stays", () => {
  const { file, matches } = open();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, "utf8").trim();
  expect(text.length).toBeGreaterThan(30);
  expect([matches(text), matches(`${text} `), matches(""), matches(text.slice(1))]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(open().matches(text)).toBe(true);
});

test("one that others could read is narrowed", () => {
  const { file } = open();
  chmodSync(file, 0o644);
  open();
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("the credential of the service manager comes first and is left as it is", () => {
  const credentials = mkdtempSync(join(root, "cred-"));
  writeFileSync(join(credentials, "operations.token"), "a-token-handed-in-by-systemd\n");
  const { file, matches } = open(credentials);
  expect(file).toBe(join(credentials, "operations.token"));
  expect(matches("a-token-handed-in-by-systemd")).toBe(true);
});

test.each(["", "short", " ".repeat(40)])(
  "a token that could be guessed (%j) is refused, in words that help",
  (text) => {
    writeFileSync(join(root, "operations.token"), text);
    expect(() => open()).toThrow(/shorter than 20/);
  },
);
