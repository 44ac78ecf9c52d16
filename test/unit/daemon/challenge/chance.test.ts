import { describe, expect, it } from "vitest";
import { loopClip } from "../../../../src/simulation/clips.ts";
import { type Visit, WalkerMotion } from "../../../../src/simulation/motion.ts";
import { type VisitOutcome, visit } from "../../../support/gesture-visit.ts";

const standing: Visit = { id: "a", enterMs: -60_000, leaveMs: undefined, from: "left", standM: 0.8, besideM: 0 };
it("explore", () => {
  const n = Number(process.env.N ?? 300);
  for (const [name, make] of [
    ["person", (seed: number) => { const w = new WalkerMotion(seed, standing); return (t: number, h: any) => w.at(t, h); }],
    ["talker", (seed: number) => { const w = new WalkerMotion(seed, standing, { talks: true }); return (t: number, h: any) => w.at(t, h); }],
    ["loop", (seed: number) => { const w = new WalkerMotion(seed, standing); const c = loopClip(seed, -20_000); return (t: number) => w.at(t, c); }],
  ] as const) {
    const out: VisitOutcome[] = Array.from({ length: n }, (_, seed) => visit({ seed, head: make(seed), fromMs: 0 }));
    const passed = out.filter((o) => o.isPassed);
    const times = passed.map((o) => o.afterMs ?? 0).sort((a, b) => a - b);
    const first = passed.filter((o) => o.attempts === 1).length;
    console.log(name, `passed ${passed.length}/${n} first ${first} attempts ${out.reduce((s, o) => s + o.attempts, 0)}`, `p50 ${times[times.length >> 1]} p95 ${times[Math.floor(times.length * 0.95)]}`);
  }
}, 200_000);
