import { LintelError } from "../../core/errors.ts";
import type { Network, NetworkName } from "../../pipeline/engine.ts";

/** A network that holds memory of its device until it is released. */
interface ReleasableNetwork extends Network {
  release(): Promise<void> | void;
}

/** The networks of one engine: each is opened once and shared, all are released together. */
export class OpenedNetworks<Opened extends ReleasableNetwork> {
  readonly #openOnce: (name: NetworkName) => Promise<Opened>;
  readonly #networks = new Map<NetworkName, Promise<Opened>>();
  #isClosed = false;

  constructor(openOnce: (name: NetworkName) => Promise<Opened>) {
    this.#openOnce = openOnce;
  }

  /** Rejects with `LINTEL_E_MODEL` after `close`, and with what the opening rejects with. */
  async open(name: NetworkName): Promise<Opened> {
    if (this.#isClosed) throw new LintelError("LINTEL_E_MODEL", "the compute engine is closed");
    let network = this.#networks.get(name);
    if (network === undefined) {
      network = this.#openOnce(name);
      this.#networks.set(name, network);
      // A network that could not be opened may be tried again.
      network.catch(() => this.#networks.delete(name));
    }
    return network;
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const opened = await Promise.allSettled(this.#networks.values());
    this.#networks.clear();
    for (const result of opened) if (result.status === "fulfilled") await result.value.release();
  }
}
