import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DoorHistory, histories } from "../../../support/door-history.ts";

/** More on a desk, and others: LINTEL_DOOR_HISTORIES=10000 LINTEL_SEED=7 npx vitest run test/unit/daemon/door/histories */
const seed = Number(process.env.LINTEL_SEED ?? 20_260_101);
const runs = Number(process.env.LINTEL_DOOR_HISTORIES ?? 1000);

describe(`${runs} random histories of a door`, () => {
  it("never open without a permission nor longer, raise each alarm once, and end locked and quiet", {
    timeout: 120_000,
  }, () => {
    let openings = 0;
    let leases = 0;
    const raised = new Map<string, number>();
    fc.assert(
      fc.property(histories, ({ rules, happenings }) => {
        const history = new DoorHistory(rules);
        history.play(happenings);
        history.rest();
        openings += history.openings;
        leases += history.leases;
        for (const alarm of history.raised) raised.set(alarm, (raised.get(alarm) ?? 0) + 1);
      }),
      { numRuns: runs, seed },
    );
    // The histories are worth something only if doors do open in them and alarms do go off.
    expect(openings).toBeGreaterThan(runs);
    expect(leases).toBeGreaterThan(openings);
    for (const alarm of ["forced", "held", "tamper"]) expect(raised.get(alarm), alarm).toBeGreaterThan(runs / 20);
  });
});
