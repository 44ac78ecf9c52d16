import { afterAll, beforeAll, expect, it } from "vitest";
import { DoorRig } from "../support/door-rig.ts";

/** What the daemon does with a visit after the door opened, from the camera to the database. */
let rig: DoorRig;

beforeAll(async () => {
  const recognition = { adaptTemplates: "guarded" };
  rig = await DoorRig.open({ config: { recognition, clock: { requireSync: false }, log: { level: "debug" } } });
  await rig.enrolAlice();
});
afterAll(() => rig?.stop());

it("a visit is looked at again once it is over, and counts for the month", async () => {
  expect((await rig.letAliceIn()).type).toBe("granted");
  // Alive with depth, near, well seen: all that speaks against a new template is that she looks as on her picture.
  const { text } = await rig.daemon.logged("nothing adapted", 15_000);
  expect(JSON.parse(text)).toMatchObject({ person: "alice", why: "nothing new" });
  expect(await rig.ask("people/adapted")).toEqual({ people: [] });
  await rig.ask("people/check", { id: "alice" });
  const { other } = (await rig.ask("people/export", { id: "alice" })) as { other: { visit_months: unknown[] } };
  expect(other.visit_months).toMatchObject([{ person_id: "alice", days: 1 }]);
});
