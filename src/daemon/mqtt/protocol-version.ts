/** Return codes of CONNACK: "unacceptable protocol version" of MQTT 3.1.1, "unsupported protocol version" of MQTT 5. */
const refusals: readonly unknown[] = [1, 132];

/** Which version of MQTT the next attempt speaks: 5, and 3.1.1 (number 4) where that is all there is. */
export class ProtocolVersion {
  #version: 4 | 5 = 5;
  #isRefused = false;

  get current(): 4 | 5 {
    return this.#version;
  }

  /**
   * An attempt failed; the problem is undefined where the broker hung up on our CONNECT without a word, as some do at a
   * version they do not know. True: the other version may be tried at once.
   */
  failed(problem: unknown): boolean {
    if (problem === undefined) {
      this.#version = this.#version === 5 ? 4 : 5;
      return false;
    }
    if (this.#version === 4 || !refusals.includes(codeOf(problem))) return false;
    this.#isRefused = true;
    this.#version = 4;
    return true;
  }

  /** A connection is lost. Unless the broker said no to MQTT 5, it may have hung up for another reason (it was starting). */
  lost(): void {
    if (!this.#isRefused) this.#version = 5;
  }
}

// --- internal ---

function codeOf(problem: unknown): unknown {
  return typeof problem === "object" && problem !== null && "code" in problem ? problem.code : undefined;
}
