import { LintelError } from "../../core/errors.ts";
import type { PersonFields, RequestContext } from "../api.ts";
import { mayConfigure } from "../keys/roles.ts";
import { accessFields } from "../people/fields.ts";

/**
 * Whoever enrols brings faces; what those may do is not theirs to decide. Throws `LINTEL_E_REQUEST` for a key without the
 * role `configure` that would change it.
 */
export function refuseWiderAccess(
  id: string,
  fields: PersonFields,
  { people, origin }: Pick<RequestContext, "people" | "origin">,
): void {
  if (mayConfigure(origin)) return;
  const beyond = accessFields(people.get(id), fields);
  if (beyond.length === 0) return;
  throw new LintelError("LINTEL_E_REQUEST", `${beyond.join(", ")} of a person is beyond the roles of this key`, {
    hint: "it needs the role configure",
  });
}
