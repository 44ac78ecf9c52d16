/** The vocabulary of the control plane: what its rooms say to each other, a file for each subject. */
export * from "./api/access.ts";
export * from "./api/adaptation.ts";
export * from "./api/art.ts";
export * from "./api/calibration.ts";
export * from "./api/display.ts";
export * from "./api/door.ts";
export * from "./api/enrolment.ts";
export * from "./api/events.ts";
export * from "./api/fleet.ts";
export * from "./api/people.ts";
export * from "./api/requests.ts";
