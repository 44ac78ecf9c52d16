import { describe, expect, it } from "vitest";
import { type Evidence, judgeSync } from "../../../../src/daemon/fleet/sync.ts";

const hour = 3_600_000;
const now = Date.parse("2031-05-01T08:00:00Z");
const said = (root: string, provenHoursAgo: number | null, saidHoursAgo = provenHoursAgo ?? 0) => ({
  root,
  atMs: now - saidHoursAgo * hour,
  provenAtMs: provenHoursAgo === null ? null : now - provenHoursAgo * hour,
});
const evidence = (changes: Partial<Evidence>): Evidence => ({
  doors: [],
  hasOthers: true,
  isSettled: true,
  rosterSize: 3,
  isOwnRoot: (root) => root.startsWith("ours"),
  nowMs: now,
  provenAtMs: now - hour,
  windowMs: 168 * hour,
  ...changes,
});

describe("a door has caught up", () => {
  it.each<[string, Partial<Evidence>]>([
    ["when the newest manifest is one it has gone through", { doors: [said("ours", 0)] }],
    ["when others know less than it does", { doors: [said("ours-before", 1)] }],
    ["when it is the only one that ever spoke", { hasOthers: false }],
    ["whatever a door says that has not been whole for longer", { doors: [said("theirs", 200), said("ours", 1)] }],
    [
      "when the whole site was off for a month and more than half of it agrees now",
      { provenAtMs: now - 720 * hour, doors: [said("ours", 720, 0)] },
    ],
    ["when its partner is gone for good and it was whole an hour ago", { doors: [said("ours", 2000)] }],
  ])("%s", (_, changes) => {
    expect(judgeSync(evidence(changes))).toBe("caught-up");
  });
});

describe("a door has not caught up, and admits nobody new", () => {
  it.each<[string, Partial<Evidence>, string]>([
    ["while the broker still hands out what it has kept", { isSettled: false, doors: [said("ours", 0)] }, "settling"],
    ["while no other door has spoken on this connection", {}, "no-manifest"],
    ["while the newest manifest knows something else", { doors: [said("theirs", 0), said("ours", 1)] }, "behind"],
    ["while it cannot say how old the manifest is", { nowMs: null, doors: [said("ours", 0)] }, "clock-unset"],
    [
      "when both the manifest and its own list are older than may be trusted",
      { provenAtMs: now - 720 * hour, doors: [said("ours", 400)] },
      "manifest-too-old",
    ],
    [
      "when less than half of a stale site agrees",
      { provenAtMs: null, rosterSize: 5, doors: [said("ours", 720, 0)] },
      "manifest-too-old",
    ],
    [
      "when a door that was never whole is the only one to speak, of something else",
      { doors: [said("theirs", null)] },
      "behind",
    ],
  ])("%s", (_, changes, verdict) => {
    expect(judgeSync(evidence(changes))).toBe(verdict);
  });
});
