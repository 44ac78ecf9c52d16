import type { Access } from "./access.ts";
import type { Adaptation } from "./adaptation.ts";
import type { Art } from "./art.ts";
import type { Calibration } from "./calibration.ts";
import type { Door, OtherDoors } from "./door.ts";
import type { LiveEnrolment } from "./enrolment.ts";
import type { Audit, EventLog } from "./events.ts";
import type { Fleet } from "./fleet.ts";
import type { People } from "./people.ts";

/** What a key that signs requests may do: read < enrol, open < configure. */
export const keyRoles = ["read", "enrol", "open", "configure"] as const;
export type KeyRole = (typeof keyRoles)[number];

/** A public key whose signed requests count. */
export interface RequestKey {
  /** The RFC 7638 thumbprint, `kid` of its requests. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly KeyRole[];
  readonly createdAt: string;
}

export interface RequestKeys {
  list(): readonly RequestKey[];
  /** `publicKey`: Ed25519 as JWK or PEM. */
  add(publicKey: string, fields: Pick<RequestKey, "name" | "roles">, by: string): Promise<RequestKey>;
  remove(idOrName: string, by: string): RequestKey;
}

/** Where a request came from; it decides what it may do. `name` is for the event log. */
export interface RequestOrigin {
  readonly transport: "mqtt" | "control-socket" | "operations-page";
  readonly name: string;
  /** Of the key that signed it: then only what these roles permit. Absent: requests are not signed there. */
  readonly roles?: readonly KeyRole[] | undefined;
}

export interface Health {
  readonly ok: boolean;
  readonly [part: string]: unknown;
}

/** What a request may use. */
export interface RequestContext {
  readonly people: People;
  readonly door: Door;
  readonly events: EventLog;
  readonly audit: Audit;
  readonly access: Access;
  readonly keys: RequestKeys;
  readonly calibration: Calibration;
  readonly adaptation: Adaptation;
  /** Absent: this door opens whatever others do. */
  readonly otherDoors?: OtherDoors | undefined;
  /** Absent: this door stands alone, or no daemon runs. */
  readonly fleet?: Fleet | undefined;
  /** Absent: this house paints nothing. */
  readonly art?: Art | undefined;
  /** Absent: nobody watches the door. */
  readonly enrolment?: LiveEnrolment | undefined;
  readonly origin: RequestOrigin;
  /** Tells the requester what happens before the answer. */
  progress(data: unknown): void;
  health(): Health;
  /** The configuration as published: without secrets. */
  publicConfig(): Readonly<Record<string, unknown>>;
  /** Ends the daemon with the exit code that makes its supervisor start it again. */
  restart(): void;
}
