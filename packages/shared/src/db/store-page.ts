/** store-page.ts: stores a page of history in one transaction: peers, messages, media and the coverage that the page proves. */
import { addCoverageWithout, lockChat, rulesOf } from './coverage.js';
import { replaceKnown } from './edits.js';
import type { Db, Tx } from './handle.js';
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
import { askLater, inParts, named, type OnUnstorable, type Parts } from './unstorable.js';

/** Stores a page; returns its media that now wait for a download or a link. What cannot be stored is left out, and told. Safe to repeat. */
export async function storePage(
  db: Db,
  read: Page & { pts?: number | undefined },
  onUnstorable: OnUnstorable = () => {},
): Promise<MediaRef[]> {
  const { accountId, chatId } = read;
  const whose = { chatId, ownerId: ownerOf(read) };
  const known = knownPeers(db);
  const peers = known.withoutKnown(accountId, read.peers);
  const store = async (tx: Tx, parts: Parts) => {
    const applied = await lockChat(tx, chatId);
    const page = { ...read, ahead: aheadOf(read.pts, applied) };
    const { asOf, topics = [], messages, proven } = page;
    await parts.each(peers, named('peer'), (some) => storePeers(tx, { accountId, peers: some }));
    await parts.each(topics, named('topic', chatId), (some) => storeTopics(tx, whose, some, asOf));
    const waiting = await parts.each(messages, named('message', chatId), (some) =>
      storeMessagesOf(tx, { ...page, messages: some }),
    );
    const unstored = await askLater(tx, whose, parts.messagesOf(chatId));
    if (proven) await addCoverageWithout(tx, whose, proven, unstored);
    return waiting;
  };
  const waiting = await inParts(db, store, onUnstorable);
  known.note(accountId, peers);
  return waiting;
}

/** Stores messages that are not stored, and replaces those that are older; returns media that now wait. No message comes twice. */
export async function storeMessagesOf(tx: Tx, page: Page): Promise<MediaRef[]> {
  await storeMedia(tx, page);
  const hasMedia = page.messages.some((it) => it.media.length > 0);
  const decided = decidedBy(hasMedia ? await rulesOf(tx, page.chatId) : [], page.messages);
  const fresh = await storeMessages(tx, page, decided);
  await replaceKnown(tx, page, fresh, decided);
  return await storeMessageMedia(tx, page, decided);
}
