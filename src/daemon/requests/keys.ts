import { z } from "zod";
import { keyRoles } from "../api.ts";
import { defineRequest } from "./handler.ts";

/** The keys whose signed requests count: asked and changed on this machine alone, never over MQTT. */

const keyName = z.string().regex(/^[a-zA-Z0-9._-]{1,64}$/, "letters, digits, dots, _ and - only, at most 64");

export const keysAdd = defineRequest({
  name: "keys/add",
  effect: "changes",
  isLocal: true,
  input: z.strictObject({
    name: keyName,
    roles: z.array(z.enum(keyRoles)).min(1).max(keyRoles.length),
    publicKey: z.string().max(4096),
  }),
  handle: ({ publicKey, name, roles }, { keys, origin }) => keys.add(publicKey, { name, roles }, origin.name),
});

export const keysList = defineRequest({
  name: "keys/list",
  effect: "reads",
  isLocal: true,
  input: z.strictObject({}),
  handle: (_input, { keys }) => ({ keys: keys.list() }),
});

export const keysRemove = defineRequest({
  name: "keys/remove",
  effect: "changes",
  isLocal: true,
  input: z.strictObject({ key: keyName }),
  handle: ({ key }, { keys, origin }) => keys.remove(key, origin.name),
});
