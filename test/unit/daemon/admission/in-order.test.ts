import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { InOrder } from "../../../../src/daemon/admission/in-order.ts";
import { packEmbedding, type Sighting } from "../../../../src/vision/protocol.ts";

const face = packEmbedding({ embedder: "dlib", vector: new Float32Array(128) });

function sighting(trackId: number, withFace = true): Sighting {
  return {
    ...{ type: "sighting", trackId, sequence: 1, capturedAtMs: 0, frame: { width: 640, height: 480 } },
    ...{ box: [0, 0, 1, 1], score: 1, liveness: { verdict: "no-verdict", cues: [] } },
    ...(withFace ? { embedding: face } : {}),
  };
}

/** `isLarge`: faces are looked ahead for, each until `finish` is called. */
function setUp({ isLarge = true, onSighted = () => {} }: { isLarge?: boolean; onSighted?: (id: number) => void } = {}) {
  const heard: string[] = [];
  const looking: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const line = new InOrder({
    logger: silentLogger,
    listener: {
      sighted: ({ trackId }) => {
        heard.push(`sighted ${trackId}`);
        onSighted(trackId);
      },
      trackEnded: (trackId) => heard.push(`ended ${trackId}`),
      reset: () => heard.push("reset"),
    },
    people: { lookAhead: () => (isLarge ? new Promise((resolve, reject) => looking.push({ resolve, reject })) : null) },
  });
  const finish = async () => {
    looking.shift()?.resolve();
    await new Promise(setImmediate);
  };
  return { line, heard, looking, finish };
}

describe("sightings", () => {
  test("of a small gallery are handed on at once", () => {
    const { line, heard } = setUp({ isLarge: false });
    line.sighted(sighting(1));
    line.trackEnded(1);
    expect(heard).toEqual(["sighted 1", "ended 1"]);
  });

  test("wait for their own face, and everything behind them waits too", async () => {
    const { line, heard, finish } = setUp();
    line.sighted(sighting(1));
    line.sighted(sighting(2, false));
    line.trackEnded(1);
    line.sighted(sighting(3));
    expect(heard).toEqual([]);
    await finish();
    expect(heard).toEqual(["sighted 1", "sighted 2", "ended 1"]);
    await finish();
    expect(heard).toEqual(["sighted 1", "sighted 2", "ended 1", "sighted 3"]);
  });

  test("are looked ahead for one at a time", async () => {
    const { line, looking, finish } = setUp();
    line.sighted(sighting(1));
    line.sighted(sighting(2));
    expect(looking).toHaveLength(1);
    await finish();
    expect(looking).toHaveLength(1);
  });

  test("of a vision process that is gone never arrive, also not the one that was waited for", async () => {
    const { line, heard, looking, finish } = setUp();
    line.sighted(sighting(1));
    line.sighted(sighting(2));
    line.reset();
    line.sighted(sighting(3));
    await finish();
    expect(heard).toEqual(["reset"]);
    expect(looking).toHaveLength(1);
    await finish();
    expect(heard).toEqual(["reset", "sighted 3"]);
  });

  test("one that cannot be judged does not hold up the next", async () => {
    const { line, heard, finish } = setUp({
      onSighted: (id) => {
        if (id === 1) throw new Error("a full disk");
      },
    });
    line.sighted(sighting(1));
    line.sighted(sighting(2));
    await finish();
    await finish();
    expect(heard).toEqual(["sighted 1", "sighted 2"]);
  });

  test("arrive also when nothing could be prepared", async () => {
    const { line, heard, looking } = setUp();
    line.sighted(sighting(1));
    looking[0]?.reject(new Error("no thread"));
    await new Promise(setImmediate);
    expect(heard).toEqual(["sighted 1"]);
  });

  test("with a vector that is none are left to whoever judges them", () => {
    const { line, heard } = setUp();
    line.sighted({ ...sighting(1), embedding: { ...face, vector: "AAA=" } });
    expect(heard).toEqual(["sighted 1"]);
  });
});
