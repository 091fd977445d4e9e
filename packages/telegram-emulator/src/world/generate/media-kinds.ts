/**
 * media-kinds.ts: a message for every kind of media other than plain photos and documents (those are in file-maker.ts).
 */
import { friend, LAKE, peer, plain, type Kinds, type Kit } from './kit.js';
import type { TlObject } from '../../tl/value.js';

export function poll(kit: Kit, more: Record<string, unknown>): TlObject {
  const answers = ['Lake', 'Mountains', 'Stay at home'].map((text, index) => ({
    _: 'pollAnswer',
    text: plain(text),
    option: Uint8Array.from([index]),
  }));
  const results = answers.map((it, index) => ({
    _: 'pollAnswerVoters',
    option: it.option,
    voters: 3 + index,
    recent_voters: [],
    chosen: index === 1 || undefined,
    correct: more['quiz'] && index === 0 ? true : undefined,
  }));
  return {
    _: 'messageMediaPoll',
    poll: { _: 'poll', id: kit.random.id64(), question: plain('Where to on Sunday?'), answers, hash: 0n, ...more },
    results: {
      _: 'pollResults',
      results,
      total_voters: 12,
      recent_voters: more['public_voters'] ? [peer(friend(kit))] : undefined,
      ...(more['quiz'] === true && { solution: 'The lake, of course', solution_entities: [] }),
    },
  };
}

const contact = (user_id: bigint, vcard = ''): TlObject => ({
  _: 'messageMediaContact',
  phone_number: '15550100',
  first_name: 'Alice',
  last_name: '',
  vcard,
  user_id,
});

function invoice(more: Record<string, unknown>): TlObject {
  const what = {
    title: 'Club fee',
    description: 'For one year',
    currency: 'EUR',
    total_amount: 2_400n,
    start_param: 'fee',
  };
  return { _: 'messageMediaInvoice', ...what, ...more };
}

const webPhoto: TlObject = {
  _: 'webDocument',
  url: 'https://example.org/fee.jpg',
  access_hash: 77n,
  size: 4_321,
  mime_type: 'image/jpeg',
  attributes: [{ _: 'documentAttributeImageSize', w: 320, h: 200 }],
};

const preview: TlObject = {
  _: 'messageExtendedMediaPreview',
  w: 640,
  h: 480,
  thumb: { _: 'photoStrippedSize', type: 'i', bytes: Uint8Array.from([1, 40, 30, 5, 9]) },
};

const bought = (media: TlObject): TlObject => ({ _: 'messageExtendedMedia', media });
const paid = (items: TlObject[]): TlObject => ({
  _: 'messageMediaPaidMedia',
  stars_amount: 50n,
  extended_media: items,
});

function story(kit: Kit): TlObject {
  const date = kit.world.startDate;
  const media = { _: 'messageMediaPhoto', photo: kit.files.photo() };
  return {
    _: 'storyItem',
    public: true,
    id: 7,
    date,
    expire_date: date + 86_400,
    caption: 'Today',
    entities: [],
    media,
  };
}

/** Places, people, questions, games, shops and all other media that are not just a file. */
export const MEDIA_KINDS: Kinds = {
  geo: () => ({ media: { _: 'messageMediaGeo', geo: LAKE } }),
  'empty geo': () => ({ media: { _: 'messageMediaGeo', geo: { _: 'geoPointEmpty' } } }),
  'live geo': () => ({
    media: { _: 'messageMediaGeoLive', geo: LAKE, heading: 90, period: 900, proximity_notification_radius: 200 },
    editDate: 1_767_000_002,
  }),
  venue: () => ({
    media: {
      _: 'messageMediaVenue',
      geo: LAKE,
      title: 'Boathouse',
      address: 'Lakeside 1',
      provider: 'foursquare',
      venue_id: '4b058804f964a520',
      venue_type: 'travel/boat',
    },
  }),
  contact: (kit) => ({ media: contact(friend(kit).id, 'BEGIN:VCARD\nVERSION:3.0\nFN:Alice\nEND:VCARD') }),
  'contact who is not on Telegram': () => ({ media: contact(0n) }),
  poll: (kit) => ({ media: poll(kit, { public_voters: true, multiple_choice: true }) }),
  quiz: (kit) => ({ media: poll(kit, { quiz: true, closed: true, close_period: 600, close_date: 1_704_080_000 }) }),
  dice: () => ({ media: { _: 'messageMediaDice', value: 6, emoticon: '🎲' } }),
  game: (kit) => ({
    viaBot: kit.people.bot,
    media: {
      _: 'messageMediaGame',
      game: {
        _: 'game',
        id: kit.random.id64(),
        access_hash: -3n,
        short_name: 'garden',
        title: 'Garden',
        description: 'Water the flowers',
        photo: kit.files.photo(),
        document: kit.files.document('animation'),
      },
    },
  }),
  'game without an animation': (kit) => ({
    media: {
      _: 'messageMediaGame',
      game: {
        _: 'game',
        id: kit.random.id64(),
        access_hash: 4n,
        short_name: 'chess',
        title: 'Chess',
        description: '',
        photo: kit.files.photo(),
      },
    },
  }),
  invoice: () => ({ media: invoice({ photo: webPhoto, shipping_address_requested: true }) }),
  'invoice with a preview': () => ({ media: invoice({ extended_media: preview, test: true }) }),
  'invoice that is paid': (kit) => ({
    media: invoice({ receipt_msg_id: 5, extended_media: bought({ _: 'messageMediaPhoto', photo: kit.files.photo() }) }),
  }),
  'paid media, not bought': () => ({ text: 'For supporters', media: paid([preview, preview]) }),
  'paid media, bought': (kit) => ({
    text: 'For supporters',
    media: paid([
      bought({ _: 'messageMediaPhoto', photo: kit.files.photo('progressive') }),
      bought({ _: 'messageMediaDocument', video: true, document: kit.files.document('video') }),
    ]),
  }),
  'paid media, two of one name': (kit) => ({
    text: 'Two takes',
    media: paid(
      [1, 2].map(() => {
        const document = kit.files.document('video', undefined, { name: 'take.mp4' });
        return bought({ _: 'messageMediaDocument', video: true, document });
      }),
    ),
  }),
  story: (kit) => ({ media: { _: 'messageMediaStory', peer: peer(friend(kit)), id: 7, story: story(kit) } }),
  'story mention': (kit) => ({ media: { _: 'messageMediaStory', via_mention: true, peer: peer(friend(kit)), id: 8 } }),
  'deleted story': (kit) => ({
    media: { _: 'messageMediaStory', peer: peer(friend(kit)), id: 9, story: { _: 'storyItemDeleted', id: 9 } },
  }),
  giveaway: (kit, chat) => ({
    media: {
      _: 'messageMediaGiveaway',
      channels: [chat.ownSequence ? chat.bareId : kit.world.chat('Cat Pictures').bareId],
      countries_iso2: ['CH', 'PT'],
      quantity: 5,
      months: 3,
      until_date: 1_735_689_600,
    },
  }),
  'giveaway results': (kit) => ({
    media: {
      _: 'messageMediaGiveawayResults',
      channel_id: kit.world.chat('Cat Pictures').bareId,
      launch_msg_id: 3,
      winners_count: 1,
      unclaimed_count: 0,
      winners: [friend(kit).bareId],
      stars: 500n,
      until_date: 1_735_689_600,
    },
  }),
  unsupported: () => ({ media: { _: 'messageMediaUnsupported' } }),
  'empty media': () => ({ text: 'nothing attached', media: { _: 'messageMediaEmpty' } }),
  'ttl photo': (kit) => ({ media: { _: 'messageMediaPhoto', photo: kit.files.photo(), ttl_seconds: 30 } }),
  'ttl photo that is gone': () => ({ media: { _: 'messageMediaPhoto', ttl_seconds: 30 } }),
  'ttl video': (kit) => ({
    media: { _: 'messageMediaDocument', video: true, document: kit.files.document('video'), ttl_seconds: 60 },
  }),
  'ttl video that is gone': () => ({ media: { _: 'messageMediaDocument', video: true, ttl_seconds: 60 } }),
  'voice message that plays once': (kit) => ({
    media: { _: 'messageMediaDocument', voice: true, document: kit.files.document('voice'), ttl_seconds: 0x7fffffff },
    fields: { media_unread: true },
  }),
  'empty photo': () => ({ media: { _: 'messageMediaPhoto', photo: { _: 'photoEmpty', id: 5n } } }),
  'empty document': () => ({ media: { _: 'messageMediaDocument', document: { _: 'documentEmpty', id: 6n } } }),
  'photo with a spoiler': (kit) => ({
    media: { _: 'messageMediaPhoto', photo: kit.files.photo(), spoiler: true },
    fields: { invert_media: true },
  }),
  'video in several qualities': (kit) => ({
    media: {
      _: 'messageMediaDocument',
      video: true,
      nopremium: true,
      document: kit.files.document('video'),
      alt_documents: [kit.files.document('video without a name'), kit.files.document('video without a name')],
      video_cover: kit.files.photo(),
      video_timestamp: 4,
    },
  }),
};
