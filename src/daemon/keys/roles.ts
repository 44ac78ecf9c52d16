import type { KeyRole, RequestOrigin } from "../api.ts";

/**
 * What a signed request needs. Every request that is served stands here; one that does not is refused to every key
 * (deny by default), and a test names it. `local` is never served to a key: only on this machine.
 */
const neededRole: Readonly<Record<string, KeyRole | "local">> = {
  health: "read",
  "config/show": "read",
  "events/replay": "read",
  "events/verify": "read",
  "people/list": "read",
  "people/show": "read",
  "people/verify": "read",
  "people/identify": "read",
  // Says who resembles whom.
  "people/check": "enrol",
  "people/adapted": "enrol",
  "people/adapted/drop": "enrol",
  "access/explain": "read",
  "access/rules": "read",
  "fleet/status": "read",
  "art/list": "read",

  "people/add": "enrol",
  "people/photo/<id>": "enrol",
  "people/enroll": "enrol",
  "people/enroll/cancel": "enrol",
  "people/update": "enrol",
  "people/remove": "enrol",
  "people/export": "enrol",

  "door/unlock": "open",
  "door/lock": "open",
  "door/command": "open",
  "alarms/acknowledge": "open",
  // A badge reader helps to open and may do nothing else.
  "access/badge": "open",
  "access/left": "open",

  // Passage opens for hours and lockdown closes to everybody: a matter of policy, not of one opening.
  "door/mode": "configure",
  "access/rule/put": "configure",
  "access/rule/remove": "configure",
  "access/schedule/put": "configure",
  "access/schedule/remove": "configure",
  "access/holidays/put": "configure",
  "access/holidays/remove": "configure",
  "access/badge/put": "configure",
  "access/badge/remove": "configure",
  "art/render": "configure",
  "art/show": "configure",
  "gallery/calibrate": "configure",
  restart: "configure",

  "fleet/roster": "local",
  "gallery/rotate-key": "local",
  "keys/add": "local",
  "keys/list": "local",
  "keys/remove": "local",
};

/** Read is below enrol and open, which are beside each other; configure is above all. */
const included: Readonly<Record<KeyRole, readonly KeyRole[]>> = {
  read: ["read"],
  enrol: ["read", "enrol"],
  open: ["read", "open"],
  configure: ["read", "enrol", "open", "configure"],
};

/** The role a request needs by the name of its handler; undefined: nobody thought of it, so no key may. */
export function roleFor(request: string): KeyRole | "local" | undefined {
  return Object.hasOwn(neededRole, request) ? neededRole[request] : undefined;
}

/**
 * Whether an origin may decide who passes and when, beyond bringing faces. Roles stand with signed requests only; where
 * requests are not signed, whoever is served may.
 */
export function mayConfigure({ roles }: Pick<RequestOrigin, "roles">): boolean {
  return roles === undefined || roles.includes("configure");
}

/** Whether a key with these roles may send this request. */
export function permits(roles: readonly KeyRole[], request: string): boolean {
  const needed = roleFor(request);
  if (needed === undefined || needed === "local") return false;
  return roles.some((role) => included[role].includes(needed));
}
