import { z } from "zod";
import { accessId, ruleDefinition } from "../access/definitions.ts";
import { defineRequest } from "./handler.ts";

/** Rules, schedules and holidays as they are. Without rules every enabled person may enter at any time. */
export const accessRules = defineRequest({
  name: "access/rules",
  effect: "reads",
  input: z.strictObject({}),
  handle: (_input, { access }) => ({ ...access.definitions, damaged: access.damaged }),
});

/** Adds the rule or replaces the one of that id. The first rule switches to deny by default. */
export const accessRulePut = defineRequest({
  name: "access/rule/put",
  effect: "changes",
  input: ruleDefinition,
  handle: (rule, { access, origin }) => {
    access.putRule(rule, origin.name);
    return rule;
  },
});

export const accessRuleRemove = defineRequest({
  name: "access/rule/remove",
  effect: "changes",
  input: z.strictObject({ id: accessId, allowEveryone: z.boolean().default(false) }),
  handle: ({ id, allowEveryone }, { access, origin }) => {
    access.removeRule(id, allowEveryone, origin.name);
    return { id };
  },
});
