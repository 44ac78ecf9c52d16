import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import type { Link } from "../../src/daemon/events/chain.ts";
import { openEventReader } from "../../src/daemon/events/reader.ts";
import { verifyChain } from "../../src/daemon/events/verify.ts";
import { DoorRig } from "../support/door-rig.ts";

const cuts = 25;

/** The chain as somebody outside finds it, with the last head that the daemon had told anybody of. */
function verify(stateDirectory: string, expected: Link) {
  const reader = openEventReader(stateDirectory);
  const report = verifyChain({ store: reader.store, trustedKeys: [], expected });
  reader.close();
  return report;
}

test(`${cuts} times the power goes while the door opens: it never opens twice, locks in time, and no event is lost`, async () => {
  const rig = await DoorRig.prepare({ hasWorld: false });
  onTestFinished(() => rig.stop());
  const random = seededRandom(25);
  let told: Link = { seq: 0, hash: "" };
  let opened = 0;
  let acknowledged = 0;
  for (let i = 0; i < cuts; i++) {
    const beforeStart = await rig.mark();
    const daemon = await rig.startDaemon();
    const health = await rig.untilHealthy(({ lock }) => lock === "locked", 20_000);
    // Nothing is opened because we are back.
    expect(await rig.openings(beforeStart), `after cut ${i}`).toEqual([]);
    told = (health as unknown as { audit: Link }).audit;

    const mark = await rig.mark();
    const unlock = rig.ask("door/unlock", { seconds: 1 }).then(
      () => {
        acknowledged += 1;
      },
      () => {},
    );
    const opening = rig.opened(mark, 1200).then(
      () => true,
      () => false,
    );
    // On the way to the strike, or while it is open.
    await new Promise((resolve) => setTimeout(resolve, random() * (random() < 0.6 ? 12 : 600)));
    daemon.kill("SIGKILL");
    await Promise.all([daemon.ended, unlock]);
    if (await opening) {
      await rig.locked(mark, 2500);
      opened += 1;
    }
    const openings = await rig.openings(mark);
    expect(openings.length, `cut ${i}`).toBeLessThanOrEqual(1);
    for (const { openedMs, closedMs } of openings) expect((closedMs ?? Infinity) - openedMs).toBeLessThan(1600);
    expect(verify(rig.stateDirectory, told), `cut ${i}`).toMatchObject({ ok: true, brokenAt: null });
  }
  expect(told.seq).toBeGreaterThan(cuts);
  // The cuts must have met openings, or this test shows nothing.
  expect(opened).toBeGreaterThan(cuts / 3);
  process.stderr.write(`${cuts} power cuts, ${opened} openings, ${acknowledged} acknowledged requests\n`);
}, 240_000);
