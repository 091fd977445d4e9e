/** rounds.ts: runs the sides of a comparison in turn, so that whatever else the machine does meets all of them. */
import type { Row, Sample } from './measures.js';

/** One side of a comparison. */
export interface Side {
  name: string;
  run(): Promise<Sample>;
}

/** Every second round goes backwards, so that no side always comes after the same one. */
export async function alternate(title: string, sides: readonly Side[], rounds: number): Promise<Row[]> {
  const rows = sides.map(({ name }) => ({ name, rounds: [] as Sample[] }));
  for (let round = 0; round < rounds; round++) {
    const order = sides.map((_, index) => (round % 2 === 0 ? index : sides.length - 1 - index));
    for (const index of order) {
      const sample = await sides[index]!.run();
      rows[index]!.rounds.push(sample);
      const seen = Object.entries(sample).map(([name, it]) => `${name} ${it.toFixed(2)}`);
      console.error(`${title}, round ${round + 1}, ${sides[index]!.name}: ${seen.join(', ')}`);
    }
  }
  return rows;
}
