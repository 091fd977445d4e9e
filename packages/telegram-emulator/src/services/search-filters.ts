/**
 * search-filters.ts: which messages a search finds, by filter, text, sender, topic and date. Newest first.
 */
import { RpcError } from '../service.js';
import type { TlObject } from '../tl/value.js';
import type { Chat } from '../world/chat.js';
import { DocumentFile, decodeText } from '../world/media-file.js';
import type { Message } from '../world/message.js';
import { knownPeer } from '../world/resolve.js';
import { shownHistory } from './shown-history.js';
import { topicOf } from '../world/topic-tl.js';

type Test = (message: Message) => boolean;

const documentOf = (it: Message): DocumentFile | undefined => {
  const document = it.media?.['document'];
  return document instanceof DocumentFile ? document : undefined;
};
const hasAttribute = (it: Message, name: string, flag?: string): boolean =>
  documentOf(it)?.attributes.some((attribute) => attribute._ === name && (!flag || attribute[flag] === true)) ?? false;
const isMedia =
  (name: string): Test =>
  (it) =>
    it.media?._ === name;

const isPhoto: Test = (it) => it.media?.['photo'] !== undefined && it.media._ === 'messageMediaPhoto';
const isVoice: Test = (it) => hasAttribute(it, 'documentAttributeAudio', 'voice');
const isRound: Test = (it) => hasAttribute(it, 'documentAttributeVideo', 'round_message');
const isGif: Test = (it) => hasAttribute(it, 'documentAttributeAnimated');
const isVideo: Test = (it) => hasAttribute(it, 'documentAttributeVideo') && !isRound(it) && !isGif(it);
const isMusic: Test = (it) => hasAttribute(it, 'documentAttributeAudio') && !isVoice(it);
const isSticker: Test = (it) => hasAttribute(it, 'documentAttributeSticker');
const isFile: Test = (it) =>
  documentOf(it) !== undefined && ![isVoice, isRound, isGif, isVideo, isMusic, isSticker].some((test) => test(it));
const hasLink: Test = (it) =>
  it.media?._ === 'messageMediaWebPage' ||
  ((it.fields?.['entities'] as TlObject[] | undefined)?.some((entity) => entity._.endsWith('Url')) ?? false);

/** What each `MessagesFilter` matches. */
export const FILTERS: Readonly<Record<string, Test>> = {
  inputMessagesFilterEmpty: (it) => !it.action,
  inputMessagesFilterPhotos: isPhoto,
  inputMessagesFilterVideo: isVideo,
  inputMessagesFilterPhotoVideo: (it) => isPhoto(it) || isVideo(it),
  inputMessagesFilterDocument: isFile,
  inputMessagesFilterUrl: hasLink,
  inputMessagesFilterGif: isGif,
  inputMessagesFilterVoice: isVoice,
  inputMessagesFilterMusic: isMusic,
  inputMessagesFilterChatPhotos: (it) => it.action?._ === 'messageActionChatEditPhoto',
  inputMessagesFilterPhoneCalls: (it) => it.action?._ === 'messageActionPhoneCall',
  inputMessagesFilterRoundVoice: (it) => isRound(it) || isVoice(it),
  inputMessagesFilterRoundVideo: isRound,
  inputMessagesFilterMyMentions: (it) => it.fields?.['mentioned'] === true,
  inputMessagesFilterGeo: (it) =>
    ['messageMediaGeo', 'messageMediaGeoLive', 'messageMediaVenue'].some((name) => isMedia(name)(it)),
  inputMessagesFilterContacts: isMedia('messageMediaContact'),
  inputMessagesFilterPinned: (it) => it.fields?.['pinned'] === true,
};

/** The messages of a chat that a `messages.search` matches. */
export function foundMessages(chat: Chat, query: Readonly<Record<string, unknown>>): Message[] {
  const matches = FILTERS[(query['filter'] as TlObject)._];
  if (!matches) throw new RpcError(400, 'SEARCH_FILTER_INVALID');
  const text = ((query['q'] as string | undefined) ?? '').toLowerCase();
  const sender = query['from_id'] ? knownPeer(chat.world, query['from_id'] as TlObject).id : undefined;
  const topic = query['top_msg_id'] as number | undefined;
  const after = (query['min_date'] as number | undefined) ?? 0;
  const before = (query['max_date'] as number | undefined) || Infinity;
  const found: Message[] = [];
  const oldest = chat.store.size - shownHistory(chat).size;
  for (let index = chat.store.size - 1; index >= oldest; index -= 1) {
    const it = chat.store.at(index);
    if (it.empty || !matches(it) || it.date <= after || it.date >= before) continue;
    if (sender !== undefined && (it.from ?? chat.id) !== sender) continue;
    if (topic !== undefined && topicOf(it) !== topic) continue;
    if (text === '' || decodeText(it.text).toLowerCase().includes(text)) found.push(it);
  }
  return found;
}
