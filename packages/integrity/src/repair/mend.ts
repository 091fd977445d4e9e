/** mend.ts: what a repair does about each kind of finding. Whatever touches files holds the claim of their media. */
import {
  askAgainFor,
  makePending,
  type Media,
  mediaNamed,
  mediaOfMessage,
  type MediaRef,
  recomputeLinked,
  resetFailed,
  restoreChat,
} from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import { withClaim } from '@tgsync/shared/media';
import { ClaimLostError } from '@tgsync/shared/store';
import { lookAt } from '../disk/look.js';
import { removeLeftover } from '../disk/mend.js';
import type { Finding } from '../verify/finding.js';
import { type FindingKind, findingKinds } from '../verify/finding-kinds.js';
import { isLeftoverInIncoming, isLeftoverInTemp } from '../verify/judge.js';
import { mendFile, type Mending } from './mend-file.js';
import { mendLink } from './mend-link.js';
import { left, mended, type Outcome, skipped } from './outcome.js';

type Mend = (mending: Mending, finding: Finding) => Promise<Outcome | undefined>;

const file: Mend = (mending, { media }) => claimed(mending, media!, (it, lost) => mendFile(mending, it, lost));

const mends: Partial<Record<FindingKind, Mend>> = {
  'file-size': file,
  'file-bytes': file,
  'file-differs': file,
  'file-moved-aside': file,
  'link-other-file': (mending, finding) =>
    claimed(mending, finding.media!, (it, lost) => mendLink(mending, finding, it, lost)),
  'media-failed': async ({ db, dryRun }, { media }) => {
    if (!dryRun) await resetFailed(db, media!);
    return mended('owed again: the fleet tries it once more');
  },
  'chat-lost': async ({ db, dryRun }, { chatId }) => {
    if (!dryRun) await restoreChat(db, chatId!);
    return mended('has a row again: the next survey fills it, if it is in tg.chats');
  },
  'media-lost': async ({ db, dryRun }, { chatId, messageId }) => {
    if (!dryRun) await askAgainFor(db, [{ chatId: chatId!, id: messageId! }]);
    return mended('the fleet asks Telegram for its message again');
  },
  'message-linked': async ({ db, dryRun }, { chatId, messageId }) => {
    if (!dryRun) await recomputeLinked(db, [{ chatId: chatId!, id: messageId! }]);
    return mended('made to say what its media say');
  },
  'link-state': async ({ db, dryRun }, { media, chatId, messageId }) => {
    if (!dryRun) await makePending(db, [{ ...media!, chatId: chatId!, messageId: messageId! }]);
    return mended('the link is to be made again');
  },
  'temp-leftover': async (mending, { path, media }) =>
    await remove(mending, media, path!, async () => isLeftoverInTemp(await unclaimed(mending, media!))),
  'incoming-leftover': async (mending, { path, media, chatId, messageId }) => {
    if (media) {
      const isLeftover = async () => isLeftoverInIncoming(await unclaimed(mending, media), path!, await lookAt(path!));
      return await remove(mending, media, path!, isLeftover);
    }
    const [first] = await mediaOfMessage(mending.db, chatId!, messageId!);
    return await remove(mending, first, path!, async () => true);
  },
};

/** Undefined: there was nothing to do about it. */
export async function mend(mending: Mending, finding: Finding): Promise<Outcome | undefined> {
  const { level, advice } = findingKinds[finding.kind];
  try {
    const how = mends[finding.kind];
    if (how) return await how(mending, finding);
  } catch (error) {
    if (error instanceof ClaimLostError) return skipped;
    const isOfDisk = error instanceof PersonError || (error as NodeJS.ErrnoException).syscall !== undefined;
    if (!isOfDisk) throw error;
    return left((error as Error).message);
  }
  if (level === 'owed') return { outcome: 'owed', text: advice };
  return level === 'wrong' ? left(advice) : undefined;
}

async function claimed(
  { db }: Mending,
  ref: MediaRef,
  work: (media: Media, lost: AbortSignal) => Promise<Outcome | undefined>,
): Promise<Outcome | undefined> {
  let worked = false;
  const outcome = await withClaim(db, ref, async (...given) => {
    worked = true;
    return await work(...given);
  });
  return worked ? outcome : skipped;
}

/** Removes a leftover of a media, if it still is one, or of none that the database knows. */
async function remove(
  mending: Mending,
  ref: MediaRef | undefined,
  path: string,
  isLeftover: () => Promise<boolean>,
): Promise<Outcome | undefined> {
  const act = async () => {
    if (!(await isLeftover())) return undefined;
    if (!mending.dryRun) await removeLeftover(mending, path);
    return mended('removed: nobody works on it');
  };
  const isKnown = ref !== undefined && (await mediaNamed(mending.db, [ref])).length > 0;
  return isKnown ? await claimed(mending, ref, act) : await act();
}

/** A media as nobody else holds it: the claim is ours. */
async function unclaimed({ db }: Mending, ref: MediaRef) {
  const [it] = await mediaNamed(db, [ref]);
  return it && { ...it, isClaimed: false };
}
