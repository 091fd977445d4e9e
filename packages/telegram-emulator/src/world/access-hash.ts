/**
 * access-hash.ts: the hash by which an account refers to a user or chat. It can be replaced; old ones are then refused.
 */
export class AccessHash {
  #current: bigint;
  /** Old hashes, each with its error; undefined means the same as for any wrong one. */
  readonly #former = new Map<bigint, string | undefined>();

  constructor(
    first: bigint,
    /** The hash of the min form, valid for profile photos only. */
    readonly min: bigint,
  ) {
    this.#current = first;
  }

  get current(): bigint {
    return this.#current;
  }

  /** How often it was replaced. */
  get changes(): number {
    return this.#former.size;
  }

  /** Replaces it. */
  replace(next: bigint, refusal: string | undefined): void {
    this.#former.set(this.#current, refusal);
    this.#current = next;
  }

  /** The error for an old hash; undefined if no special one was set. */
  refusalOf(hash: unknown): string | undefined {
    return typeof hash === 'bigint' ? this.#former.get(hash) : undefined;
  }
}
