/**
 * text-kinds.ts: messages that are special for what surrounds their text: replies, forwards, reactions, signatures, markup.
 */
import type { TlObject } from '../../tl/value.js';
import type { Chat } from '../chat.js';
import { friend, peer, type Kinds, type Kit } from './kit.js';

const entity = (name: string, offset: number, length: number, more: object = {}): TlObject => ({
  _: `messageEntity${name}`,
  offset,
  length,
  ...more,
});

const emoji = (emoticon: string): TlObject => ({ _: 'reactionEmoji', emoticon });

function reactions(kit: Kit): TlObject {
  const who = friend(kit);
  return {
    _: 'messageReactions',
    can_see_list: true,
    results: [
      { _: 'reactionCount', reaction: emoji('👍'), count: 12, chosen_order: 0 },
      { _: 'reactionCount', reaction: { _: 'reactionCustomEmoji', document_id: kit.random.id64() }, count: 2 },
      { _: 'reactionCount', reaction: { _: 'reactionPaid' }, count: 50 },
    ],
    recent_reactions: [
      { _: 'messagePeerReaction', big: true, peer_id: peer(who), date: kit.world.startDate, reaction: emoji('👍') },
    ],
    top_reactors: [{ _: 'messageReactor', top: true, peer_id: peer(who), count: 50 }],
  };
}

const first = (chat: Chat): number => (chat.store.size ? chat.store.at(0).id : 0);
const news = (kit: Kit): Chat => kit.world.chat('World News Wire');

/** Forwards from every kind of sender. */
export const FORWARD_KINDS: Kinds = {
  'from a user': (kit) => ({ text: 'As Alice said', forward: { from: friend(kit), date: 1_704_000_000 } }),
  'from a hidden user': () => ({ text: 'Somebody said', forward: { name: 'Hidden Person', date: 1_704_000_001 } }),
  'from a channel': (kit) => ({
    text: 'Breaking news',
    forward: { from: news(kit), date: 1_704_000_003, channelPost: 3, postAuthor: 'The editor' },
  }),
  'from a channel of which one is no member any more': (kit) => ({
    text: 'From the garden',
    forward: { from: kit.world.chat('Secret Garden'), date: 1_704_000_004, channelPost: 2 },
  }),
  'from a deleted account': (kit) => ({ text: 'Gone', forward: { from: kit.people.deleted, date: 1_704_000_005 } }),
  imported: () => ({
    text: 'From another messenger',
    forward: { name: 'Grandma', date: 1_500_000_000, imported: true },
  }),
  saved: (kit) => ({
    text: 'Saved for later',
    forward: { from: friend(kit), date: 1_704_000_007, savedFrom: news(kit), savedFromId: 3 },
  }),
};

/** Odd forwards, left out of a pleasant world. */
export const ODD_FORWARD_KINDS: Kinds = {
  'from a hidden user with an odd name': () => ({
    text: 'Somebody odd',
    forward: { name: 'Hid\u0000den </b> \u202e', date: 1_704_000_002 },
  }),
  'from a user with a huge id': (kit) => ({ text: 'Huge', forward: { from: kit.people.huge, date: 1_704_000_006 } }),
};

/** Replies of all kinds; the chat must have a message to reply to. */
export const REPLY_KINDS: Kinds = {
  reply: (_, chat) => ({ text: 'Yes', replyTo: first(chat) }),
  'reply with a quote': (_, chat) => ({ text: 'Exactly', replyTo: { id: first(chat), quote: 'this', quoteOffset: 4 } }),
  'reply in a thread': (_, chat) => ({ text: 'And then', replyTo: { id: chat.store.topId, topId: first(chat) } }),
  'reply to something deleted': () => ({ text: 'To whom', replyTo: 999_999 }),
  'reply to another chat': (kit) => ({ text: 'They say', replyTo: { id: 3, chat: news(kit) } }),
  'reply to a chat that one does not know': (kit) => ({
    text: 'Quoted from elsewhere',
    replyTo: {
      from: { name: 'Somebody', date: 1_704_000_000 },
      media: { _: 'messageMediaPhoto', photo: kit.files.photo() },
      quote: 'a quote',
    },
  }),
  'reply to a story': (kit) => ({ text: 'Nice one', replyTo: { chat: friend(kit), storyId: 7 } }),
};

/** Everything else that a message can have. */
export const TEXT_KINDS: Kinds = {
  'rich text': (kit) => ({
    text: 'bold italic code link 🐈 name spoiler #tag @name /cmd',
    entities: [
      entity('Bold', 0, 4),
      entity('Italic', 5, 6),
      entity('Code', 12, 4),
      entity('TextUrl', 17, 4, { url: 'https://example.org' }),
      entity('CustomEmoji', 22, 2, { document_id: kit.random.id64() }),
      entity('MentionName', 25, 4, { user_id: friend(kit).bareId }),
      entity('Spoiler', 30, 7),
      entity('Hashtag', 38, 4),
      entity('Mention', 43, 5),
      entity('BotCommand', 49, 4),
    ],
  }),
  'code and quotes': () => ({
    text: 'let x = 1;\nquoted',
    entities: [entity('Pre', 0, 10, { language: 'js' }), entity('Blockquote', 11, 6, { collapsed: true })],
  }),
  edited: () => ({ text: 'Edited once', editDate: 1_767_000_000 }),
  'edited by the server': () => ({ text: 'Looks unedited', editDate: 1_767_000_001, fields: { edit_hide: true } }),
  reactions: (kit) => ({ text: 'Much liked', reactions: reactions(kit) }),
  pinned: () => ({ text: 'The rules', pinned: true }),
  silent: () => ({ text: 'Sh', fields: { silent: true, from_scheduled: true, ttl_period: 86_400 } }),
  'by way of a bot': (kit) => ({ text: 'Sunny, 24°', viaBot: kit.people.bot }),
  mentioned: () => ({ text: 'Robin, look', fields: { mentioned: true, media_unread: true } }),
  'with buttons': () => ({
    text: 'Choose',
    fields: {
      reply_markup: {
        _: 'replyInlineMarkup',
        rows: [
          {
            _: 'keyboardButtonRow',
            buttons: [
              { _: 'keyboardButtonUrl', text: 'Open', url: 'https://example.org' },
              { _: 'keyboardButtonCallback', text: 'Press', data: Uint8Array.from([0, 255]) },
            ],
          },
        ],
      },
    },
  }),
  'with an effect': (kit) => ({ text: 'Party', fields: { effect: kit.random.id64(), offline: true } }),
  'fact check': () => ({
    text: 'The moon is made of cheese',
    fields: {
      factcheck: {
        _: 'factCheck',
        country: 'CH',
        text: { _: 'textWithEntities', text: 'It is not', entities: [] },
        hash: 5n,
      },
    },
  }),
  restricted: () => ({
    text: 'Not to be seen everywhere',
    fields: { restriction_reason: [{ _: 'restrictionReason', platform: 'ios', reason: 'terms', text: 'Not here' }] },
  }),
};

/** Channel posts. */
export const POST_KINDS: Kinds = {
  'views and forwards': () => ({ text: 'Read by many', views: 12_345, forwards: 67 }),
  signed: () => ({ text: 'Signed', postAuthor: 'Greta L.', views: 100, forwards: 0 }),
  'signed with a profile': (kit) => ({ text: 'Signed openly', from: friend(kit), views: 100 }),
  'no views': () => ({ text: 'Nobody has seen it' }),
};
