import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { Acknowledgement } from "../api.ts";
import { RateLimit } from "../rate-limit.ts";

/** Where the page's acknowledgements go. */
export interface ChallengeDesk {
  /** False for anything but the first acknowledgement of the step that is shown. */
  acknowledge(given: Acknowledgement): boolean;
}

const token = z.string().regex(/^[0-9a-f]{32}$/);
const acknowledgement = z.strictObject({
  challenge: token,
  step: z.int().min(1).max(9),
  nonce: token,
  calm: z.boolean().optional(),
});

/** Far more than one screen sends, and too little to guess with. */
const rate = { burst: 10, perSecond: 3 };
const maxAddresses = 64;

/**
 * `POST /door/acknowledgements`: the page has painted a step of a challenge. The time that counts is that of our own clock when it
 * arrives. 204: it was the first for this very step; 409: it was not; 400: it is none; 429: too many from there.
 */
export function addAcknowledgements(
  app: FastifyInstance,
  { desk, clock }: { desk: ChallengeDesk; clock: Clock },
): void {
  const limits = new Map<string, RateLimit>();
  const mayTry = (address: string): boolean => {
    const limit = limits.get(address) ?? new RateLimit(rate);
    limits.delete(address);
    limits.set(address, limit);
    for (const oldest of limits.keys()) {
      if (limits.size <= maxAddresses) break;
      limits.delete(oldest);
    }
    return limit.take(clock.nowMs()).pass;
  };
  app.post("/door/acknowledgements", (request, reply) => {
    if (!isFromOurPage(request)) return reply.code(403).send();
    if (!mayTry(request.ip)) return reply.code(429).header("retry-after", "1").send();
    const given = acknowledgement.safeParse(request.body);
    if (!given.success) return reply.code(400).send();
    return reply.code(desk.acknowledge(given.data) ? 204 : 409).send();
  });
}

// --- internal ---

/** A page of another origin says so; who is no browser may say nothing. */
function isFromOurPage({ headers }: FastifyRequest): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
