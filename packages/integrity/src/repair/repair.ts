/** repair.ts: what a repair does about each kind of finding. Everything that touches files holds the claim of their media. */
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
import { inspect } from '../disk/inspect.js';
import { removeLeftover } from '../disk/repair.js';
import type { Finding } from '../verify/finding.js';
import { type FindingKind, findingKinds } from '../verify/finding-kinds.js';
import { isLeftoverInIncoming, isLeftoverInTemp } from '../verify/judge.js';
import type { Archive } from '../verify/archive.js';
import { repairFile } from './repair-file.js';
import { repairLink } from './repair-link.js';
import { left, repaired, type Outcome, skipped } from './outcome.js';

type Repair = (archive: Archive, finding: Finding) => Promise<Outcome | undefined>;

const file: Repair = (archive, { media }) => claimed(archive, media!, (it, lost) => repairFile(archive, it, lost));

const repairs: Partial<Record<FindingKind, Repair>> = {
  'file-size': file,
  'file-bytes': file,
  'file-differs': file,
  'file-moved-aside': file,
  'link-other-file': (archive, finding) =>
    claimed(archive, finding.media!, (it, lost) => repairLink(archive, finding, it, lost)),
  'media-failed': async ({ db, dryRun }, { media }) => {
    if (!dryRun) await resetFailed(db, media!);
    return repaired('owed again; the fleet retries it');
  },
  'chat-lost': async ({ db, dryRun }, { chatId }) => {
    if (!dryRun) await restoreChat(db, chatId!);
    return repaired('its row was created again; the next survey fills it if the chat is in tg.chats');
  },
  'media-lost': async ({ db, dryRun }, { chatId, messageId }) => {
    if (!dryRun) await askAgainFor(db, [{ chatId: chatId!, id: messageId! }]);
    return repaired('the fleet fetches its message from Telegram again');
  },
  'message-linked': async ({ db, dryRun }, { chatId, messageId }) => {
    if (!dryRun) await recomputeLinked(db, [{ chatId: chatId!, id: messageId! }]);
    return repaired('corrected to match its media');
  },
  'link-state': async ({ db, dryRun }, { media, chatId, messageId }) => {
    if (!dryRun) await makePending(db, [{ ...media!, chatId: chatId!, messageId: messageId! }]);
    return repaired('the link will be made again');
  },
  'temp-leftover': async (archive, { path, media }) =>
    await remove(archive, media, path!, async () => isLeftoverInTemp(await unclaimed(archive, media!))),
  'incoming-leftover': async (archive, { path, media, chatId, messageId }) => {
    if (media) {
      const isLeftover = async () => isLeftoverInIncoming(await unclaimed(archive, media), path!, await inspect(path!));
      return await remove(archive, media, path!, isLeftover);
    }
    const [first] = await mediaOfMessage(archive.db, chatId!, messageId!);
    return await remove(archive, first, path!, async () => true);
  },
};

/** Repairs what a finding reports; undefined if there was nothing to do. */
export async function repair(archive: Archive, finding: Finding): Promise<Outcome | undefined> {
  const { level, advice } = findingKinds[finding.kind];
  try {
    const how = repairs[finding.kind];
    if (how) return await how(archive, finding);
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
  { db }: Archive,
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

/** Removes a leftover, if it still is one, of a media or of none that the database knows. */
async function remove(
  archive: Archive,
  ref: MediaRef | undefined,
  path: string,
  isLeftover: () => Promise<boolean>,
): Promise<Outcome | undefined> {
  const act = async () => {
    if (!(await isLeftover())) return undefined;
    if (!archive.dryRun) await removeLeftover(archive, path);
    return repaired('removed, as nobody is working on it');
  };
  const isKnown = ref !== undefined && (await mediaNamed(archive.db, [ref])).length > 0;
  return isKnown ? await claimed(archive, ref, act) : await act();
}

/** The media with its claim ignored, as the claim is ours. */
async function unclaimed({ db }: Archive, ref: MediaRef) {
  const [it] = await mediaNamed(db, [ref]);
  return it && { ...it, isClaimed: false };
}
