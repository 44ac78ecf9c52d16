import type { Clock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { KeyRole } from "../../src/daemon/api.ts";
import { KeyRing } from "../../src/daemon/keys/key-ring.ts";
import {
  generateKey,
  type RequestToSign,
  readSigningKey,
  type SigningKey,
  signRequest,
} from "../../src/daemon/keys/sign.ts";
import { SignedRequests } from "../../src/daemon/keys/signed-requests.ts";
import { openDatabase } from "../../src/daemon/store/database.ts";
import { MemoryEventLog } from "./memory-house.ts";

/** A wall clock that a test sets; the monotonic one goes along. */
export class SetClock implements Clock {
  wallMs = Date.parse("2030-05-01T12:00:00Z");

  nowMs = (): number => this.wallMs;
  date = (): Date => new Date(this.wallMs);
}

export interface Signer {
  readonly key: SigningKey;
  readonly publicText: string;
  /** A request signed for now; what is given replaces the defaults. */
  sign(changes?: Partial<RequestToSign>): Promise<string>;
}

/** Keys and their replay window on a real database, and what opens signed requests for the door `demo`. */
export function signedHouse(stateDirectory: string, clock: Clock = new SetClock(), events = new MemoryEventLog()) {
  const db = openDatabase({ stateDirectory, logger: silentLogger });
  const keys = new KeyRing({ db, events, clock });
  keys.start();
  let isTrusted = true;
  const signed = new SignedRequests({ doorId: "demo", keys, clock, isClockTrusted: () => isTrusted });
  return {
    db,
    keys,
    signed,
    events,
    setClockTrusted: (trusted: boolean) => {
      isTrusted = trusted;
    },
    /** A new key, known with these roles; without any it stays a stranger's. */
    signer: async (name: string, roles: readonly KeyRole[]): Promise<Signer> => {
      const signer = await newSigner(clock);
      if (roles.length > 0) await keys.add(signer.publicText, { name, roles }, "test");
      return signer;
    },
  };
}

export async function newSigner(clock: Clock): Promise<Signer> {
  const { privateText, publicText } = await generateKey();
  const key = await readSigningKey(privateText);
  const sign = (changes: Partial<RequestToSign> = {}) =>
    signRequest(key, { door: "demo", request: "door/unlock", issuedAtMs: clock.date().getTime(), ...changes });
  return { key, publicText, sign };
}
