import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { systemClock } from "../../../src/core/clock.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { systemTimers } from "../../../src/core/timers.ts";
import type { Child } from "../../../src/daemon/child-process.ts";
import { connectChild } from "../../../src/daemon/child-socket.ts";
import { temporaryFolder } from "../../support/processes.ts";

const deps = { clock: systemClock, timers: systemTimers, logger: silentLogger };
const spec = { schema: z.object({ word: z.string() }), maxLineBytes: 1000, firstMessage: { hello: 1 } };

describe("a child behind a socket", () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  let server: Server;
  let peers: Socket[];
  let heard: string[];
  let messages: string[];
  let exits: string[];
  let child: Child;

  const connect = (at = path) => {
    // Of this test alone: a connection of the test before may end meanwhile.
    const [ours, words] = [exits, messages];
    const handlers = {
      onMessage: ({ word }: { word: string }) => words.push(word),
      onExit: ({ reason }: { reason: string }) => ours.push(reason),
    };
    child = connectChild(at, spec, { handlers, deps });
  };
  beforeEach(async () => {
    folder = temporaryFolder();
    path = join(folder.path, "child.sock");
    [peers, heard, messages, exits] = [[], [], [], []];
    server = createServer({ allowHalfOpen: true }, (peer) => {
      peers.push(peer);
      peer.on("error", () => {});
      peer.on("data", (data) => heard.push(String(data)));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  });
  afterEach(() => {
    child.kill();
    for (const peer of peers) peer.destroy();
    server.close();
    folder.remove();
  });

  it("is told its configuration first, and is heard", async () => {
    connect();
    await expect.poll(() => heard.join("")).toBe('{"hello":1}\n');
    peers[0]?.write('{"word":"ready"}\n{"nonsense":1}\n{"word":"on"}\n');
    await expect.poll(() => messages).toEqual(["ready", "on"]);
    expect(child.send({ command: 1 })).toBe(true);
    await expect.poll(() => heard.join("")).toContain('{"command":1}\n');
  });

  it("has ended when its connection has, and takes nothing any more", async () => {
    connect();
    await expect.poll(() => peers).toHaveLength(1);
    peers[0]?.destroy();
    await expect.poll(() => exits).toEqual(["closed its connection"]);
    expect(child.send({ command: 1 })).toBe(false);
    expect(messages).toEqual([]);
  });

  it("that nobody keeps ends at once, and says where it was looked for", async () => {
    const nowhere = join(folder.path, "nowhere.sock");
    connect(nowhere);
    await expect.poll(() => exits).toEqual([expect.stringContaining(`cannot be reached on ${nowhere}`)]);
  });

  it("is asked to end by the end of its input, and cut off when it does not", async () => {
    connect();
    await expect.poll(() => peers).toHaveLength(1);
    const ended = new Promise<void>((resolve) => peers[0]?.once("end", () => resolve()));
    const stopped = child.stop();
    await ended;
    // It stays: it hangs.
    expect(await stopped).toMatchObject({ code: null, reason: "closed its connection" });
    expect(exits).toHaveLength(1);
  });
});
