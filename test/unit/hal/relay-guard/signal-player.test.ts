import { describe, expect, it } from "vitest";
import { type SignalLine, signalLines } from "../../../../src/hal/api.ts";
import type { SignalOutcome } from "../../../../src/hal/relay-guard/protocol.ts";
import { patterns } from "../../../../src/hal/relay-guard/signal-patterns.ts";
import { maxSoundMs, SignalPlayer } from "../../../../src/hal/relay-guard/signal-player.ts";
import { FakeTime, settle } from "../../../support/fake-time.ts";

function rig(lines: readonly SignalLine[] = signalLines) {
  const time = new FakeTime();
  const lit = new Set<SignalLine>();
  const faults: string[] = [];
  const broken = { how: null as (() => Promise<void>) | null };
  const player = new SignalPlayer({
    lines,
    timers: time,
    set: (line, isActive) => {
      if (broken.how) return broken.how();
      if (isActive) lit.add(line);
      else lit.delete(line);
      return Promise.resolve();
    },
    onFault: (line, reason) => faults.push(`${line}: ${reason}`),
  });
  const now = () => [...lit].sort();
  /** What is on in each 50 ms of a time. */
  const film = async (ms: number) => {
    const shots: string[] = [];
    for (let atMs = 0; atMs < ms; atMs += 50) {
      shots.push(now().join("+"));
      await time.advance(50);
    }
    return shots;
  };
  return { time, player, now, film, faults, broken, lit };
}

describe("the lights and sounders", () => {
  const short: [SignalOutcome, light: SignalLine, beeps: number][] = [
    ["granted", "greenLight", 1],
    ["refused", "redLight", 3],
  ];
  it.each(short)("say %s with the %s and %i beeps, and are dark afterwards", async (outcome, light, beeps) => {
    const { player, film, now } = rig();
    player.play(outcome);
    const shots = await film(4000);
    expect(shots[0]).toContain(light);
    const starts = shots.filter((shot, index) => shot.includes("buzzer") && !shots[index - 1]?.includes("buzzer"));
    expect(starts).toHaveLength(beeps);
    expect(shots.every((shot) => !shot.includes("alarm"))).toBe(true);
    expect(now()).toEqual([]);
  });

  it("warn with a slow beat and without the siren until told to be quiet", async () => {
    const { player, film, now } = rig();
    player.play("warning");
    const shots = await film(10_000);
    expect(shots.filter((shot) => shot.includes("buzzer")).length).toBeGreaterThan(10);
    expect(shots.join()).not.toContain("alarm");
    player.play("quiet");
    expect(now()).toEqual([]);
  });

  it("sound the siren without a break in an alarm, also while a short word is said", async () => {
    const { player, film } = rig();
    player.play("alarm");
    const before = await film(1000);
    player.play("refused");
    const after = await film(4000);
    for (const shot of [...before, ...after]) expect(shot).toContain("alarm");
  });

  it("go on with what lasts after a short word", async () => {
    const { player, film } = rig();
    player.play("warning");
    player.play("granted");
    const shots = await film(8000);
    expect(shots[0]).toContain("greenLight");
    expect(shots.slice(60).join()).toContain("buzzer");
  });

  it("do not begin again when the same is said twice", async () => {
    const { player, film, time } = rig();
    player.play("warning");
    await time.advance(500);
    player.play("warning");
    expect((await film(50))[0]).toBe("redLight");
  });

  it("fall silent after three minutes when nobody comes, with the light still flashing", async () => {
    const { player, film, time } = rig();
    player.play("alarm");
    await time.advance(maxSoundMs + 1);
    const shots = await film(3000);
    expect(shots.join()).not.toMatch(/alarm|buzzer/);
    expect(shots.join()).toContain("redLight");
  });

  it("sound again for the next alarm after that", async () => {
    const { player, time, now } = rig();
    player.play("alarm");
    await time.advance(maxSoundMs + 1);
    player.play("quiet");
    player.play("alarm");
    expect(now()).toContain("alarm");
  });

  it("are all off after the end, and no timer is left", async () => {
    const { player, time, now } = rig();
    player.play("alarm");
    player.play("granted");
    player.stop();
    expect(now()).toEqual([]);
    expect(time.waiting).toBe(0);
  });

  it("set no timer where nothing is wired", () => {
    const { player, time } = rig([]);
    for (const outcome of ["granted", "refused", "warning", "alarm", "quiet"] as const) player.play(outcome);
    expect(time.waiting).toBe(0);
  });

  it.each([
    ["refuses", () => Promise.reject(new Error("no answer"))],
    [
      "throws",
      () => {
        throw new Error("no answer");
      },
    ],
    ["never answers", () => new Promise<void>(() => {})],
  ])("go on when a lamp %s, and complain once a lamp", async (_name, how) => {
    const { player, time, faults, broken, now } = rig(["greenLight", "redLight"]);
    broken.how = how;
    for (let turn = 0; turn < 5; turn++) {
      player.play("refused");
      player.play("granted");
      await time.advance(5000);
    }
    expect(faults.length).toBeLessThanOrEqual(2);
    broken.how = null;
    player.play("granted");
    await settle();
    if (faults.length > 0) expect(now()).toEqual(["greenLight"]);
  });

  it.each(Object.entries(patterns))("flash no faster than three times a second: %s", (_name, { steps }) => {
    let lastOnMs = Number.NEGATIVE_INFINITY;
    let atMs = 0;
    for (const { on, ms } of [...steps, ...steps]) {
      if ((on as readonly string[]).includes("redLight") && ms < 800) {
        expect(atMs - lastOnMs).toBeGreaterThan(333);
        lastOnMs = atMs;
      }
      atMs += ms;
    }
  });
});
