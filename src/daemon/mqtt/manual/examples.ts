/**
 * One example for each request that is served over MQTT, in the order in which they can be carried out one after the
 * other: a test does so. From here come the requests of docs/mqtt.md and the examples of docs/asyncapi.yaml.
 */
export interface RequestExample {
  /** One sentence. */
  readonly says: string;
  /** What stands for `<id>`. */
  readonly id?: string;
  /** A text that begins with @ names a file that is sent in base64. Absent: `{}`. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The payload is this file itself. */
  readonly file?: string;
  /** `data` of the answer, shortened: more fields may come. */
  readonly answer: Readonly<Record<string, unknown>>;
}

const dana = {
  ...{ id: "dana", name: "Dana Novak", enabled: true, groups: ["staff"], consent: null, validFrom: null },
  ...{ validUntil: null, openSeconds: null, templates: 1 },
};
const schedule = {
  id: "office",
  timeZone: "Europe/Berlin",
  weekly: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "07:00", until: "19:00" }],
};
const holidays = { id: "public", days: [{ date: "2031-12-25", until: "2031-12-26", yearly: true, name: "Christmas" }] };
const rule = { id: "staff-office", groups: ["staff"], schedule: "office" };

export const requestExamples: Readonly<Record<string, RequestExample>> = {
  "door/unlock": { says: "Opens for a time.", data: { seconds: 5 }, answer: { openSeconds: 5 } },
  "door/lock": { says: "Locks at once and ends passage.", answer: {} },
  "door/command": { says: "Both on one topic.", data: { action: "unlock" }, answer: { openSeconds: 5 } },
  "alarms/acknowledge": {
    says: "Somebody has seen the alarm: its sounder falls silent.",
    data: { alarm: "tamper" },
    answer: { alarm: "tamper" },
  },
  "people/add": {
    says: "Enrols; a refused picture is part of the answer.",
    data: { id: "dana", name: "Dana Novak", groups: ["staff"], photos: ["@dana.jpg"] },
    answer: { id: "dana", templates: 1, refused: [] },
  },
  "people/photo/<id>": {
    says: "Enrols with a picture alone; somebody new is called by the id.",
    ...{ id: "robin", file: "robin.jpg", answer: { id: "robin", templates: 1, refused: [] } },
  },
  "people/enroll": {
    says: "Enrols who stands at the door; the display leads them. Answers come as it goes on, one more at the end.",
    data: { id: "sam", name: "Sam Vega", seconds: 60 },
    answer: { stage: "started", id: "sam", seconds: 60 },
  },
  "people/enroll/cancel": { says: "Ends that.", answer: { cancelled: true } },
  "people/list": { says: "Everybody.", answer: { people: [dana] } },
  "people/show": { says: "One person.", data: { id: "dana" }, answer: dana },
  "people/update": {
    says: "Changes what is named and keeps the rest; `null` clears.",
    data: { id: "dana", validUntil: "2031-12-31T18:00:00Z", openSeconds: 10 },
    answer: { ...dana, validUntil: "2031-12-31T18:00:00.000Z", openSeconds: 10 },
  },
  "people/verify": {
    says: "Is this a picture of that person? Opens nothing.",
    data: { id: "dana", photo: "@dana.jpg" },
    answer: { match: true, distance: 0, threshold: 0.4, reason: null },
  },
  "people/identify": {
    says: "Who is on this picture? Opens nothing.",
    data: { photo: "@robin.jpg" },
    answer: { faces: [{ box: [212, 96, 180, 231], person: "robin", distance: 0, reason: null }] },
  },
  "people/check": {
    says: "How surely somebody is recognised, and what to do about it; without `id` everybody.",
    data: { id: "dana" },
    answer: { people: [{ person: "dana", templates: 1, threshold: 0.4, nearest: null, retake: [], advice: [] }] },
  },
  "people/adapted": {
    says: "Templates the door took from visits, and looks that wait to be confirmed (`recognition.adaptTemplates`); without `id` everybody's.",
    data: { id: "dana" },
    answer: { people: [] },
  },
  "people/adapted/drop": {
    says: "Forgets them; enrolled pictures stay.",
    data: { id: "dana" },
    answer: { id: "dana", dropped: 0 },
  },
  "gallery/calibrate": {
    says: "Finds the threshold for the gallery as it is, and uses it from then on.",
    answer: { threshold: 0.4, before: 0.4, targetFpir: 0.001, people: 2, basis: "shipped" },
  },
  "people/export": {
    says: "Everything held about one person, without vectors.",
    data: { id: "dana" },
    answer: { format: "lintel-person-1", person: { id: "dana" }, events: [{ type: "enrolled" }], nextEvent: null },
  },
  "people/remove": {
    says: "Forgets a person, with the proof ([privacy](privacy.md)).",
    data: { id: "robin" },
    answer: { id: "robin", templates: 1, search: { remains: [] } },
  },
  "access/schedule/put": { says: "A weekly schedule.", data: schedule, answer: schedule },
  "access/holidays/put": { says: "A calendar of holidays.", data: holidays, answer: holidays },
  "access/rule/put": { says: "A rule; the first one switches to deny by default.", data: rule, answer: rule },
  "access/rules": { says: "All rules, schedules and holidays.", answer: { rules: [rule], schedules: [schedule] } },
  "access/explain": {
    says: "Why somebody may pass or not, now or at a time.",
    data: { person: "dana", time: "2031-05-05T10:00:00Z" },
    answer: { person: "dana" },
  },
  "access/badge/put": {
    says: "Gives a badge to a person.",
    data: { badge: "04A224B9", person: "dana" },
    answer: { person: "dana" },
  },
  "access/badge": { says: "A badge was held to a reader.", data: { badge: "04A224B9" }, answer: {} },
  "access/badge/remove": { says: "Takes it away.", data: { badge: "04A224B9" }, answer: {} },
  "access/left": {
    says: "The person went out, or is pardoned: no rule against passing back holds.",
    ...{ data: { person: "dana" }, answer: { person: "dana" } },
  },
  "access/rule/remove": {
    says: "The last rule goes only with `allowEveryone`.",
    ...{ data: { id: "staff-office", allowEveryone: true }, answer: { id: "staff-office" } },
  },
  "access/schedule/remove": { says: "Removes a schedule.", data: { id: "office" }, answer: { id: "office" } },
  "access/holidays/remove": { says: "Removes a calendar.", data: { id: "public" }, answer: { id: "public" } },
  "door/mode": {
    says: "`normal`, `passage` (stands unlocked) or `lockdown` (opens to nobody).",
    ...{ data: { mode: "lockdown" }, answer: { mode: "lockdown" } },
  },
  "art/render": {
    says: "Puts a picture into the queue; the files are names in the two folders.",
    data: { content: "lake.jpg", style: "waves.jpg", title: "The lake at night" },
    answer: { id: 1, state: "waiting", title: "The lake at night", step: 0, reason: null },
  },
  "art/list": {
    says: "The queue, what failed lately and why, and the finished pictures.",
    answer: { jobs: [{ id: 1, state: "waiting", title: "The lake at night" }], pictures: [] },
  },
  "art/show": {
    says: "Shows one picture until told otherwise; without `id` they change by themselves again.",
    answer: { shown: null },
  },
  "events/replay": {
    says: "At most 500 events from a number on; `next` is where to go on.",
    data: { from: 1 },
    answer: { events: [{ seq: 1, type: "closed" }], next: null },
  },
  "events/verify": {
    says: "Walks along the hash chain of the log.",
    answer: { events: 40, ok: true, brokenAt: null, reason: null, head: { seq: 40 }, removedThrough: 0 },
  },
  "fleet/status": {
    says: "How the doors of the site stand, where this door is one of them.",
    answer: { site: "example", door: "front", waiting: 0, doors: [], removals: [] },
  },
  health: { says: "As the topic `health`.", answer: { ok: false, lock: "locked", mqtt: { isConnected: true } } },
  "config/show": { says: "As `config` of the topic `info`.", answer: { door: { id: "front", openSeconds: 5 } } },
  restart: { says: "Ends the daemon; its supervisor starts it again.", answer: {} },
};
