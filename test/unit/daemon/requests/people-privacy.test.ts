import { describe, expect, test } from "vitest";
import type { RequestOrigin } from "../../../../src/daemon/api.ts";
import { galleryRotateKey } from "../../../../src/daemon/requests/gallery-rotate-key.ts";
import { peopleExport } from "../../../../src/daemon/requests/people-export.ts";
import { peopleRemove } from "../../../../src/daemon/requests/people-remove.ts";
import { memoryHouse, smallJpeg } from "../../../support/memory-house.ts";

const overMqtt = { transport: "mqtt", name: "somebody" } as const;
const onTheMachine = { transport: "control-socket", name: "command-line" } as const;

async function houseWithDana() {
  const house = memoryHouse();
  await house.people.add("dana", { name: "Dana" }, [{ file: "dana.jpg", bytes: smallJpeg }], "test");
  return house;
}

describe("the rights of a person, as requests", () => {
  test("face vectors are not sent over the network, signed or not", async () => {
    const { context } = await houseWithDana();
    const asked = { id: "dana", vectors: true };
    await expect(peopleExport.run(asked, { ...context, origin: overMqtt, progress: () => {} })).rejects.toMatchObject({
      code: "LINTEL_E_REQUEST",
    });
    const here = await peopleExport.run(asked, { ...context, origin: onTheMachine, progress: () => {} });
    expect(JSON.stringify(here)).toContain("values");
    const there = await peopleExport.run({ id: "dana" }, { ...context, origin: overMqtt, progress: () => {} });
    expect(JSON.stringify(there)).not.toContain("values");
  });

  test.each<[string, RequestOrigin, boolean]>([
    ["the machine itself", onTheMachine, true],
    ["a key that may configure", { ...overMqtt, roles: ["configure"] }, true],
    ["a key that may enrol", { ...overMqtt, roles: ["enrol"] }, false],
    ["a key that may enrol, open and read", { ...overMqtt, roles: ["enrol", "open", "read"] }, false],
    ["a key without a role", { ...overMqtt, roles: [] }, false],
    ["somebody who signs nothing", overMqtt, false],
  ])("asked by %s, an export shows the badges and which of them is for duress: %#", async (_, origin, isShown) => {
    const { context } = await houseWithDana();
    const badges = [
      { badge: "04A2", person_id: "dana", duress: 0 },
      { badge: "04A3", person_id: "dana", duress: 1 },
    ];
    const { people } = context;
    const found = await people.export("dana", { vectors: false, eventsFrom: 0 });
    people.export = async () => ({ ...found, other: { access_badges: badges } });
    const plain = badges.map(({ badge, person_id }) => ({ badge, person_id }));
    const answer = await peopleExport.run({ id: "dana" }, { ...context, origin, progress: () => {} });
    expect(answer).toEqual({ ...found, other: { access_badges: isShown ? badges : plain } });
  });

  test("a removal answers with its proof, under the name that asked for it", async () => {
    const { context, events } = await houseWithDana();
    const proof = await peopleRemove.run({ id: "dana" }, { ...context, origin: overMqtt, progress: () => {} });
    expect(proof).toMatchObject({ id: "dana", person: "dana", templates: 1, search: { remains: [] } });
    const [removed] = events.ofType("removed");
    expect(proof).toMatchObject({ digest: removed?.digest, event: removed?.seq });
    expect(removed).toMatchObject({ by: "somebody" });
  });

  test.each([
    {},
    { id: "../dana" },
    { id: "dana", vectors: "yes" },
    { id: "dana", eventsFrom: -1 },
    { id: "dana", all: 1 },
  ])("an export of %j is refused", async (data) => {
    const { context } = await houseWithDana();
    await expect(
      peopleExport.run(data, { ...context, origin: onTheMachine, progress: () => {} }),
    ).rejects.toMatchObject({
      code: "LINTEL_E_REQUEST",
    });
  });

  test("the gallery key is changed on the machine itself", () => {
    expect(galleryRotateKey.isLocal).toBe(true);
  });
});
