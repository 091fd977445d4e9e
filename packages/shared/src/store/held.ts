/**
 * held.ts: a media as the worker has it that claimed it, and what on disk is his. Names carry the number of the claim, so that
 * it holds there too: what an earlier owner left is taken over or removed, what a later one has is not touched.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RetryAfterError } from '../errors/index.js';
import type { FileOf, NameOnTheWay } from './layout.js';

/** When a job whose claim was lost looks again. */
const lostMs = 1000;

/** A media, for as long as its claim lasts. */
export interface Held extends FileOf {
  claim: bigint;
  /** False: the claim was lost. */
  renew: () => Promise<boolean>;
}

export interface HeldName extends NameOnTheWay {
  name: string;
  path: string;
}

/** Another worker has the media now. */
export class ClaimLostError extends RetryAfterError {
  override name = 'ClaimLostError';

  constructor() {
    super(lostMs, 'another worker has taken it over');
  }
}

/** Throws a {@link ClaimLostError} unless the claim is still ours; it is for its full time then. */
export async function assertHeld(held: Held): Promise<void> {
  if (!(await held.renew())) throw new ClaimLostError();
}

/**
 * The names of a media in a folder; throws a {@link ClaimLostError} when a later owner has one. A database that was restored
 * from a backup counts claims anew: if ours is the newest after these were seen, they are nobody's.
 */
export async function namesOf(
  held: Held,
  folder: string,
  ownerOf: (name: string) => NameOnTheWay | { chatId: bigint; messageId: bigint } | undefined,
): Promise<HeldName[]> {
  const names = (await readdir(folder)).flatMap((name): HeldName[] => {
    const owner = ownerOf(name);
    const isTheirs = owner && 'kind' in owner && owner.kind === held.kind && owner.id === held.id;
    return isTheirs ? [{ ...owner, name, path: join(folder, name) }] : [];
  });
  if (names.some(({ claim }) => claim !== undefined && claim > held.claim)) await assertHeld(held);
  return names;
}
