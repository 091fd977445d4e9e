/** scope.ts: what was opened is closed in reverse order, each once, whatever happens on the way. */

type Release = () => unknown;

export class Scope {
  private readonly releases: Release[] = [];
  private closed = false;

  /**
   * Keeps `it` until the scope closes, then hands it to `release`. What comes after that is released at once, and throws: who opened it
   * shall not go on.
   */
  use<T>(it: T, release: (it: T) => unknown): T {
    if (this.closed) {
      void (async () => release(it))().catch(() => {});
      throw new Error('opened after its scope was closed');
    }
    this.releases.push(() => release(it));
    return it;
  }

  /** Closes all, in reverse; the first error is thrown after everything was tried. */
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
