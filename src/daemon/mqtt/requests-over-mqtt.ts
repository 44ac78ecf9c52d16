import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { RequestOrigin } from "../api.ts";
import { originName, type SignedRequests } from "../keys/signed-requests.ts";
import type { Dispatcher, RequestAnswer } from "../requests/dispatch.ts";
import { oneLine, smallPayloadBytes } from "../requests/handler.ts";
import type { RefusalLog } from "../requests/refusal-log.ts";
import { findRequest } from "../requests/table.ts";
import type { MqttListener } from "./client.ts";
import { RecentRequests } from "./recent-requests.ts";
import type { MqttMessage, MqttSession } from "./session.ts";
import { isAllowedResponseTopic, type Topics } from "./topics.ts";

const origin: RequestOrigin = { transport: "mqtt", name: "mqtt" };
/** With so many answers on their way to the broker, errors go unanswered: a flood must not fill our memory. */
const maxUnanswered = 500;
const retainedText = "retained requests are refused: send it without the retain flag";

export interface RequestsOverMqttOptions {
  readonly topics: Topics;
  readonly dispatcher: Pick<Dispatcher, "dispatch">;
  readonly refusals: RefusalLog;
  /** Whether door, people and restart requests are served over this connection. */
  readonly isTrusted: boolean;
  /** Absent: requests are taken as they come. Present: only what it opens. */
  readonly signed?: Pick<SignedRequests, "open"> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Requests from `…/request/#` to the dispatcher, answers to `…/response/…` or where the requester wants them. */
export class RequestsOverMqtt implements MqttListener {
  readonly #options: RequestsOverMqttOptions;
  readonly #recent: RecentRequests;
  /** Empty messages of our own that will come back to us because the protocol cannot leave them out (3.1.1). */
  readonly #ownClears = new Map<string, number>();
  #session: MqttSession | undefined;
  #unanswered = 0;
  #onAnswered: (() => void) | undefined;

  constructor(options: RequestsOverMqttOptions) {
    this.#options = options;
    this.#recent = new RecentRequests(options.clock);
  }

  async connected(session: MqttSession): Promise<void> {
    this.#session = session;
    this.#ownClears.clear();
    try {
      await session.subscribe(this.#options.topics.requestFilter);
    } catch (error) {
      this.#options.logger.error({ error: errorText(error) }, "requests not subscribed");
    }
  }

  lost(): void {
    this.#session = undefined;
  }

  message(message: MqttMessage, session: MqttSession): void {
    const name = this.#options.topics.requestName(message.topic);
    if (name === undefined) return;
    if (message.payload.length === 0 && this.#isNoRequest(name, message)) return;
    if (message.isRetained) {
      this.#clear(message.topic, session);
      this.#refuse(name, retainedText, message);
      return;
    }
    const answer = this.#options.signed ? this.#openSigned(name, message) : this.#carryOut(name, message);
    this.#unanswered += 1;
    answer
      .then((result) => this.#answer(name, result, message))
      .catch((error) => this.#options.logger.debug({ error: errorText(error) }, "answer not delivered"))
      .finally(() => {
        this.#unanswered -= 1;
        if (this.#unanswered === 0) this.#onAnswered?.();
      });
  }

  /** A broker in our own process tells us of a retained request before it is stored; it replaces it by an empty one. */
  retainedRefused(topic: string): void {
    const name = this.#options.topics.requestName(topic);
    if (name === undefined) return;
    this.#expectClear(topic);
    this.#refuse(name, retainedText, undefined);
  }

  /** Resolves when every request taken so far has its answer on the way. */
  async idle(): Promise<void> {
    if (this.#unanswered === 0) return;
    await new Promise<void>((resolve) => {
      this.#onAnswered = resolve;
    });
  }

  // --- internal ---

  /**
   * An empty message is how a retained one is cleared, by us or by anybody; it must never open a door, whatever `{}`
   * means to the request. What reads or locks takes it as `{}`.
   */
  #isNoRequest(name: string, message: MqttMessage): boolean {
    const own = this.#ownClears.get(message.topic) ?? 0;
    if (own > 0) {
      this.#ownClears.set(message.topic, own - 1);
      return true;
    }
    return message.isRetained || (findRequest(name)?.handler.effect ?? "changes") === "changes";
  }

  #clear(topic: string, session: MqttSession): void {
    if (session.protocolVersion === 4) this.#expectClear(topic);
    session
      .publish(topic, "", { isRetained: true })
      .catch((error) => this.#options.logger.warn({ topic: oneLine(topic), error: errorText(error) }, "not cleared"));
  }

  #expectClear(topic: string): void {
    this.#ownClears.set(topic, (this.#ownClears.get(topic) ?? 0) + 1);
  }

  #refuse(name: string, reason: string, message: MqttMessage | undefined): void {
    this.#options.refusals.add({ request: name, reason, origin });
    this.#answer(name, { data: {}, status: "error", error: reason }, message).catch((error) =>
      this.#options.logger.debug({ error: errorText(error) }, "answer not delivered"),
    );
  }

  /** What happens before the answer goes where the answer will go. */
  #progressTo(name: string, message: MqttMessage): (progress: RequestAnswer) => void {
    return (progress) =>
      void this.#answer(name, progress, message).catch((error) =>
        this.#options.logger.debug({ error: errorText(error) }, "progress not delivered"),
      );
  }

  /** Runs the request, unless this very message was here already. */
  #carryOut(name: string, message: MqttMessage): Promise<RequestAnswer> {
    const { dispatcher, isTrusted, clock } = this.#options;
    const effect = findRequest(name)?.handler.effect;
    if (effect === "changes") {
      const known = message.isDuplicate || isMarkedOnce(message) ? this.#recent.find(message) : undefined;
      if (known) return known;
      if (message.isDuplicate && (name.startsWith("door/") || name === "access/badge")) {
        const reason = "a repeated delivery is not carried out: send the request again";
        this.#options.refusals.add({ request: name, reason, origin });
        return Promise.resolve({ data: {}, status: "error", error: reason });
      }
    }
    const answer = dispatcher.dispatch({
      name,
      body: { bytes: message.payload },
      origin,
      isTrusted,
      expiresAtMs: message.expiresInMs === undefined ? undefined : clock.nowMs() + message.expiresInMs,
      onProgress: this.#progressTo(name, message),
    });
    if (effect === "changes") this.#recent.add(message, answer);
    return answer;
  }

  /** Carries out what is signed by a key that may. The replay window stands in for remembering recent messages. */
  async #openSigned(name: string, message: MqttMessage): Promise<RequestAnswer> {
    const { dispatcher, signed, clock, refusals } = this.#options;
    if (!signed) throw new Error("requests are not signed here");
    const expiresAtMs = message.expiresInMs === undefined ? undefined : clock.nowMs() + message.expiresInMs;
    const handler = findRequest(name)?.handler;
    if (handler?.payload === "bytes") {
      const reason = "a picture alone cannot be signed: use people/add";
      refusals.add({ request: name, reason, origin, kind: "unsigned" });
      return { data: {}, status: "error", error: reason };
    }
    const verdict = await signed.open(name, message.payload, handler?.maxBytes ?? smallPayloadBytes).catch((error) => {
      this.#options.logger.error({ request: oneLine(name, 100), error: errorText(error) }, "request not opened");
      return undefined;
    });
    if (!verdict) return { data: {}, status: "error", error: "internal error" };
    if (!verdict.ok) {
      const by = { transport: "mqtt", name: originName(verdict.key) } as const;
      refusals.add({ request: name, reason: verdict.text, origin: by, kind: verdict.reason });
      return { data: {}, status: "error", error: verdict.text };
    }
    const { key, data, transaction, sizeBytes } = verdict;
    return dispatcher.dispatch({
      name,
      body: { data, transaction },
      origin: { transport: "mqtt", name: originName(key), roles: key.roles },
      isTrusted: true,
      expiresAtMs,
      sizeBytes,
      onProgress: this.#progressTo(name, message),
    });
  }

  async #answer(name: string, answer: RequestAnswer, message: MqttMessage | undefined): Promise<void> {
    if (answer.status === "error" && this.#unanswered > maxUnanswered) return;
    const { topics } = this.#options;
    const wanted = message?.responseTopic;
    const topic = wanted !== undefined && isAllowedResponseTopic(wanted, topics) ? wanted : topics.responseTopic(name);
    if (topic === undefined) return;
    const { code: _code, ...envelope } = answer;
    await this.#session?.publish(topic, JSON.stringify(envelope), { correlationData: message?.correlationData });
  }
}

/** The requester gave the message a mark of its own, so a second one with the same content is the same message. */
function isMarkedOnce(message: MqttMessage): boolean {
  if (message.correlationData !== undefined) return true;
  return message.payload.length <= 64 * 1024 && Buffer.from(message.payload).includes('"transaction"');
}
