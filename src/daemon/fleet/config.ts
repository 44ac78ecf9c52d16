import { z } from "zod";
import type { ConfigProblem } from "../config/problem.ts";

/** The section `fleet` of the configuration: off until a site is named. */
export const fleetConfig = z.strictObject({
  site: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, "letters, digits, _ and - only, at most 64")
    .optional()
    .describe("Name of the site whose doors know the same people; absent: this door stands alone."),
  owner: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, "the public key that lintel fleet init prints, 43 characters")
    .optional()
    .describe("Public key of the site's owner, as lintel fleet init prints it."),
  groups: z
    .array(z.string().regex(/^[a-zA-Z0-9._-]{1,64}$/))
    .min(1)
    .max(32)
    .optional()
    .describe("This door takes only people of these groups from the site; absent: everybody."),
  keyFile: z
    .string()
    .min(1)
    .optional()
    .describe("File with this door's own keys; default: credential fleet.key, else the state directory."),
  trustOldListHours: z
    .int()
    .min(1)
    .max(87_600)
    .default(168)
    .describe("A door that was cut off from its site for longer lets nobody in before it has caught up, in hours."),
});
export type FleetConfig = z.infer<typeof fleetConfig>;

/** What one key alone cannot show. */
export function fleetProblems({ fleet, mqtt }: { fleet: FleetConfig; mqtt: { url?: string | undefined } }) {
  const problems: ConfigProblem[] = [];
  const { site, owner } = fleet;
  if (site !== undefined && owner === undefined) {
    problems.push({
      path: "fleet.owner",
      message: "without the owner's key nobody can say which doors belong to the site",
      hint: "take the line that lintel fleet init printed; docs/fleet.md",
    });
  }
  if (site === undefined && owner !== undefined) {
    problems.push({ path: "fleet.site", message: "an owner without a site", hint: "name the site, or leave both out" });
  }
  if (site !== undefined && mqtt.url === undefined) {
    problems.push({
      path: "fleet.site",
      message: "the embedded broker is reached by this machine alone",
      hint: "name the broker of all doors as mqtt.url",
    });
  }
  return problems;
}
