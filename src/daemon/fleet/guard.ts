import type { AccessJudge } from "../admission/types.ts";

/** Whether the list of people may be believed at all. */
export interface ListTrust {
  isListTrusted(): boolean;
}

/** The access rules under the condition that the list of people is not too old: otherwise nobody is let in. */
export function judgeWithFreshList(access: AccessJudge, list: ListTrust): AccessJudge {
  return {
    isClockTrusted: () => access.isClockTrusted(),
    judge: (person, question) =>
      list.isListTrusted() ? access.judge(person, question) : { ok: false, reason: "stale", needs: null },
    entered: (person) => access.entered(person),
  };
}
