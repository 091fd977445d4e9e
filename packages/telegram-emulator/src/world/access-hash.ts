/**
 * access-hash.ts: the hash by which an account names a user or a chat. It may be replaced: former ones are refused.
 */
export class AccessHash {
  #current: bigint;
  /** Former hashes, each with the error that it is refused by; undefined: as any wrong one. */
  readonly #former = new Map<bigint, string | undefined>();

  constructor(
    first: bigint,
    /** What stands in the min form: it names profile photos, and nothing else. */
    readonly min: bigint,
  ) {
    this.#current = first;
  }

  get current(): bigint {
    return this.#current;
  }

  /** How many there were before this one. */
  get changes(): number {
    return this.#former.size;
  }

  /** Puts another in its place. */
  replace(next: bigint, refusal: string | undefined): void {
    this.#former.set(this.#current, refusal);
    this.#current = next;
  }

  /** The error for a hash that is not the current one; undefined where nothing special was asked for. */
  refusalOf(hash: unknown): string | undefined {
    return typeof hash === 'bigint' ? this.#former.get(hash) : undefined;
  }
}
