import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { silentLogger } from "../../../../src/core/logger.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import { lockState } from "../../../../src/daemon/store/lock.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

const script = fileURLToPath(new URL("../../../support/store-process.mjs", import.meta.url));

function start(mode: "hold" | "append", directory: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, [script, mode, directory], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

describe("the lock of the state directory", () => {
  test("a second process is refused while the first lives, and not after it was killed", async () => {
    const directory = temporaryStateDirectory();
    const first = start("hold", directory);
    expect((await first.lines.next()).value).toBe("locked");
    const second = start("hold", directory);
    expect((await second.lines.next()).value).toBe("LINTEL_E_STATE_IN_USE");
    expect(second.child.exitCode ?? (await once(second.child, "exit"))[0]).toBe(78);
    expect(() => lockState(directory)).toThrow(
      expect.objectContaining({ code: "LINTEL_E_STATE_IN_USE", message: expect.stringContaining(directory) }),
    );
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const lock = lockState(directory);
    lock.release();
  });

  test("holds within one process too, also after a refused second try", async () => {
    const directory = temporaryStateDirectory();
    const lock = lockState(directory);
    onTestFinished(() => lock.release());
    expect(() => lockState(directory)).toThrow(expect.objectContaining({ code: "LINTEL_E_STATE_IN_USE" }));
    // POSIX locks end when any descriptor of the file is closed: the refused try must not have freed the first.
    const other = start("hold", directory);
    expect((await other.lines.next()).value).toBe("LINTEL_E_STATE_IN_USE");
  });

  test("is free after release, which may come twice", () => {
    const directory = temporaryStateDirectory();
    const lock = lockState(directory);
    lock.release();
    lock.release();
    lockState(directory).release();
  });

  test("does not keep anybody from the database file itself", () => {
    const directory = temporaryStateDirectory();
    const lock = lockState(directory);
    onTestFinished(() => lock.release());
    const db = openDatabase({ stateDirectory: directory, logger: silentLogger });
    db.close();
    expect(db.file).toBe(join(directory, "lintel.db"));
  });
});

test("no acknowledged event is lost when the writer is killed, three times over", async () => {
  const directory = temporaryStateDirectory();
  let acknowledged = 0;
  for (const until of [60, 37, 5]) {
    const { child, lines } = start("append", directory);
    expect((await lines.next()).value).toBe("locked");
    for (let i = 0; i < until; i++) acknowledged = Number((await lines.next()).value);
    child.kill("SIGKILL");
    // What was on its way when the kill came was acknowledged too.
    for (let line = await lines.next(); line.done !== true; line = await lines.next())
      acknowledged = Number(line.value);
    const db = openDatabase({ stateDirectory: directory, logger: silentLogger });
    const seqs = db.all(z.object({ seq: z.int() }), "SELECT seq FROM events ORDER BY seq").map(({ seq }) => seq);
    const check = db.get(z.object({ integrity_check: z.string() }), "PRAGMA integrity_check");
    db.close();
    expect(check?.integrity_check).toBe("ok");
    expect(seqs).toEqual(Array.from(seqs, (_, i) => i + 1));
    expect(seqs.at(-1)).toBeGreaterThanOrEqual(acknowledged);
    expect(acknowledged).toBeGreaterThanOrEqual(until);
  }
});

test("a process whose disk is full stays up, keeps the event in memory and still reads all it acknowledged", async () => {
  const directory = temporaryStateDirectory();
  // A limit on the size of files makes the kernel refuse writes in the middle, as a full disk does.
  const child = spawn("sh", ["-c", 'ulimit -f 1600 && exec "$0" "$@"', process.execPath, script, "fill", directory], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("locked");
  expect((await lines.next()).value).toBe("1 waits");
  const [last, readBack] = String((await lines.next()).value)
    .split(" ")
    .map(Number);
  expect(last).toBeGreaterThan(20);
  expect(readBack).toBe(1);
  expect(child.exitCode).toBeNull();
  child.stdin.end();
  expect((await once(child, "exit"))[0]).toBe(0);
  const db = openDatabase({ stateDirectory: directory, logger: silentLogger });
  expect(db.get(z.object({ n: z.int() }), "SELECT max(seq) AS n FROM events")?.n).toBe(last);
  db.close();
});
