import { z } from "zod";
import { accessId, holidaysDefinition, scheduleDefinition } from "../access/definitions.ts";
import { defineRequest } from "./handler.ts";

/** Adds the schedule or replaces the one of that id; without a time zone it gets the one of the configuration. */
export const accessSchedulePut = defineRequest({
  name: "access/schedule/put",
  effect: "changes",
  input: scheduleDefinition.extend({ timeZone: scheduleDefinition.shape.timeZone.optional() }),
  handle: (schedule, { access, origin }) => access.putSchedule(schedule, origin.name),
});

export const accessScheduleRemove = defineRequest({
  name: "access/schedule/remove",
  effect: "changes",
  input: z.strictObject({ id: accessId }),
  handle: ({ id }, { access, origin }) => {
    access.removeSchedule(id, origin.name);
    return { id };
  },
});

/** Adds the calendar of holidays or replaces the one of that id. */
export const accessHolidaysPut = defineRequest({
  name: "access/holidays/put",
  effect: "changes",
  maxBytes: 128 * 1024,
  input: holidaysDefinition,
  handle: (holidays, { access, origin }) => {
    access.putHolidays(holidays, origin.name);
    return holidays;
  },
});

export const accessHolidaysRemove = defineRequest({
  name: "access/holidays/remove",
  effect: "changes",
  input: z.strictObject({ id: accessId }),
  handle: ({ id }, { access, origin }) => {
    access.removeHolidays(id, origin.name);
    return { id };
  },
});
