/** ciphers.ts: what this process encrypts with. */
import { readEnvironment } from '../config/index.js';
import { type Choice, chooseIge } from './choose.js';

let chosen: Choice | undefined;

/** Chosen once. Throws a PersonError. */
export function ciphers(): Choice {
  chosen ??= chooseIge(readEnvironment().cipher);
  return chosen;
}
