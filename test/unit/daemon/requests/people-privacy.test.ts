import { describe, expect, test } from "vitest";
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
    await expect(peopleExport.run(asked, { ...context, origin: overMqtt })).rejects.toMatchObject({
      code: "LINTEL_E_REQUEST",
    });
    const here = await peopleExport.run(asked, { ...context, origin: onTheMachine });
    expect(JSON.stringify(here)).toContain("values");
    const there = await peopleExport.run({ id: "dana" }, { ...context, origin: overMqtt });
    expect(JSON.stringify(there)).not.toContain("values");
  });

  test("a removal answers with its proof, under the name that asked for it", async () => {
    const { context, events } = await houseWithDana();
    const proof = await peopleRemove.run({ id: "dana" }, { ...context, origin: overMqtt });
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
    await expect(peopleExport.run(data, { ...context, origin: onTheMachine })).rejects.toMatchObject({
      code: "LINTEL_E_REQUEST",
    });
  });

  test("the gallery key is changed on the machine itself", () => {
    expect(galleryRotateKey.isLocal).toBe(true);
  });
});
