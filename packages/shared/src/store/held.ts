/**
 * held.ts: a media as its claim holder has it, and the names on disk that belong to it. Names carry the number of the claim, so the
 * claim applies on disk as well: what an earlier owner left is taken over or removed, what a later owner has is not touched.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RetryAfterError } from '../errors/index.js';
import type { FileOf, NameOnTheWay } from './layout.js';

/** When a job that lost its claim is retried. */
const lostMs = 1000;

/** A media while its claim lasts. */
export interface Held extends FileOf {
  claim: bigint;
  /** Nobody has had it before, as far as the database knows, so there is no need to look for what earlier owners left. */
  isFirst: boolean;
  /** Renews the claim; false if it was lost. */
  renew: () => Promise<boolean>;
}

export interface HeldName extends NameOnTheWay {
  name: string;
  path: string;
}

/** Another worker has taken over the media. */
export class ClaimLostError extends RetryAfterError {
  override name = 'ClaimLostError';

  constructor() {
    super(lostMs, 'another worker has taken it over');
  }
}

/** Renews the claim for its full time; throws a {@link ClaimLostError} if it was lost. */
export async function assertHeld(held: Held): Promise<void> {
  if (!(await held.renew())) throw new ClaimLostError();
}

/**
 * The names of a media in a folder. Throws a {@link ClaimLostError} if a later owner has one. A database restored from a backup counts
 * claims from a lower number: if ours is still the newest after listing these names, they have no owner.
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
