/**
 * silence.ts: whether the server still pushes updates. Long silence may mean that nothing happens, or that nobody tells: then a difference
 * that finds something says so. Pure: time enters as an argument, in milliseconds of a monotonic clock.
 */
export class Silence {
  private heardAt: number;
  private askedAt: number;
  private moves = 0;

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

  /** What was pushed has been applied, however late: that boxes moved by it does not mean that nobody tells. */
  applied(moves: number): void {
    this.moves = moves;
  }

  /** When it is worth looking again. */
  get dueAt(): number {
    return this.askedAt + this.ms;
  }

  /**
   * `moves`: how often boxes whose updates are pushed have moved so far. `isDue`: a difference is to be asked for now. `isDeaf`: something
   * has happened since the server fell silent.
   */
  look(now: number, moves: number): { isDue: boolean; isDeaf: boolean } {
    if (now - this.heardAt < this.ms) {
      this.moves = moves;
      return { isDue: false, isDeaf: false };
    }
    const isDue = now >= this.dueAt;
    if (isDue) this.askedAt = now;
    return { isDue, isDeaf: moves > this.moves };
  }
}
