/**
 * silence.ts: whether the server still pushes updates. Long silence may mean that nothing happens, or that nobody tells: then a difference
 * that finds something says so. Pure: time enters as an argument, in milliseconds of a monotonic clock.
 */
export class Silence {
  private heardAt: number;
  private askedAt: number;

  /** `ms`: after so long without an update a difference is to be asked for, and again and again after as long. */
  constructor(
    private readonly ms: number,
    now: number,
  ) {
    this.heardAt = this.askedAt = now;
  }

  /** Something was pushed. */
  heard(now: number): void {
    this.heardAt = this.askedAt = now;
  }

  /** When it is worth looking again. */
  get dueAt(): number {
    return this.askedAt + this.ms;
  }

  /**
   * `foundAt`: when the last difference came that found something which is pushed otherwise; -Infinity: none. `isDue`: a difference is to be
   * asked for now. `isDeaf`: something has happened since the server fell silent.
   */
  look(now: number, foundAt: number): { isDue: boolean; isDeaf: boolean } {
    const isDue = now >= this.dueAt;
    if (isDue) this.askedAt = now;
    return { isDue, isDeaf: foundAt - this.heardAt >= this.ms };
  }
}
