import type { SoakHouse } from "../house.ts";
import { until } from "../until.ts";

/** Another vision process sees. Looked for first: once there is another one, health speaks of that and not of the old one. */
export async function untilReplaced(house: SoakHouse, pid: number, withinMs = 20_000): Promise<void> {
  await until(
    "another vision sees",
    async () => {
      const now = house.service.child("vision");
      return now !== undefined && now !== pid && (await house.health()).ok;
    },
    { fits: (isReplaced) => isReplaced, withinMs },
  );
}
