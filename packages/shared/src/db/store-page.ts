/** store-page.ts: stores a page of history in one transaction: peers, messages, media and the coverage that the page proves. */
import { addCoverage, lockChat, rulesOf } from './coverage.js';
import { replaceKnown } from './edits.js';
import { type Db, inTransaction } from './handle.js';
import {
  aheadOf,
  decidedBy,
  type MediaRef,
  ownerOf,
  type Page,
  storeMedia,
  storeMessageMedia,
  storeMessages,
} from './messages.js';
import { knownPeers, storePeers } from './peers.js';
import { storeTopics } from './topics.js';

/** Stores a page; returns its media that now wait for a download or a link. Safe to repeat. */
export async function storePage(db: Db, read: Page & { pts?: number | undefined }): Promise<MediaRef[]> {
  const { accountId } = read;
  const known = knownPeers(db);
  const peers = known.withoutKnown(accountId, read.peers);
  const waiting = await inTransaction(db, async (tx) => {
    const applied = await lockChat(tx, read.chatId);
    const page = { ...read, ahead: aheadOf(read.pts, applied) };
    await storePeers(tx, { accountId, peers });
    await storeTopics(tx, { chatId: page.chatId, ownerId: ownerOf(page) }, page.topics ?? [], page.asOf);
    await storeMedia(tx, page);
    const hasMedia = page.messages.some((it) => it.media.length > 0);
    const decided = decidedBy(hasMedia ? await rulesOf(tx, page.chatId) : [], page.messages);
    const fresh = await storeMessages(tx, page, decided);
    await replaceKnown(tx, page, fresh, decided);
    const waiting = await storeMessageMedia(tx, page, decided);
    if (page.proven) await addCoverage(tx, { chatId: page.chatId, ownerId: ownerOf(page) }, page.proven);
    return waiting;
  });
  known.note(accountId, peers);
  return waiting;
}
