/** scope.ts: closes what was opened in reverse order, each once, whatever happens in between. */

type Release = () => unknown;

/** What was opened, and how to release it. */
export class Scope {
  private readonly releases: Release[] = [];
  private closed = false;

  /**
   * Keeps `it` until the scope closes, then passes it to `release`. Once the scope is closed, `it` is released at once and an error is
   * thrown, so that its opener does not continue.
   */
  use<T>(it: T, release: (it: T) => unknown): T {
    if (this.closed) {
      void (async () => release(it))().catch(() => {});
      throw new Error('opened after its scope was closed');
    }
    this.releases.push(() => release(it));
    return it;
  }

  /** Closes everything in reverse order; throws the first error after everything was tried. */
  async close(): Promise<void> {
    this.closed = true;
    const errors: unknown[] = [];
    for (let release = this.releases.pop(); release; release = this.releases.pop()) {
      try {
        await release();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
