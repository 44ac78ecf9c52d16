import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { Fleet } from "../api.ts";
import { defineRequest } from "./handler.ts";

/** The fleet this door belongs to: how it stands, and the owner's newest roster. */

export const fleetStatus = defineRequest({
  name: "fleet/status",
  effect: "reads",
  input: z.strictObject({}),
  handle: (_input, { fleet }) => mustHave(fleet).status(),
});

export const fleetRoster = defineRequest({
  name: "fleet/roster",
  effect: "changes",
  isLocal: true,
  maxBytes: 1024 * 1024,
  input: z.strictObject({ roster: z.string().max(700_000) }),
  handle: ({ roster }, { fleet }) => mustHave(fleet).adoptRoster(roster),
});

// --- internal ---

function mustHave(fleet: Fleet | undefined): Fleet {
  if (fleet) return fleet;
  throw new LintelError("LINTEL_E_UNAVAILABLE", "no daemon that belongs to a fleet runs here", {
    hint: "name fleet.site and fleet.owner in its configuration and start it; docs/fleet.md",
  });
}
