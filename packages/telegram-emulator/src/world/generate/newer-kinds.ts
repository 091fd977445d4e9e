/**
 * newer-kinds.ts: a message of every kind added in layers after the world's, up to 227. Clients of older layers get
 * `messageMediaUnsupported` for each, even if only part of it is new: a file in a poll, the video of a live photo.
 */
import type { TlObject } from '../../tl/value.js';
import type { NewMessage } from '../message.js';
import { friend, peer, plain, type Kinds, type Kit } from './kit.js';
import { poll } from './media-kinds.js';
import { call, gift } from './service-kinds.js';

const newer = (it: NewMessage): NewMessage => ({ ...it, newer: { since: 227, as: 'unsupported', text: '' } });
const act = (action: TlObject): NewMessage => newer({ action });

const item = (id: number, title: string): TlObject => ({ _: 'todoItem', id, title: plain(title) });
const todo: TlObject = {
  _: 'todoList',
  others_can_append: true,
  title: plain('For the garden'),
  list: [item(1, 'Water'), item(2, 'Seeds')],
};
const photoMedia = (kit: Kit): TlObject => ({ _: 'messageMediaPhoto', photo: kit.files.photo() });
const stars: TlObject = { _: 'starsAmount', amount: 50n, nanos: 0 };
const richText = (text: string): TlObject => ({ _: 'textPlain', text });
const caption: TlObject = { _: 'pageCaption', text: { _: 'textEmpty' }, credit: { _: 'textEmpty' } };

/** A poll with files in an answer, in the question and in the solution. */
function pollWithFiles(kit: Kit): TlObject {
  const media = poll(kit, { quiz: true, creator: true });
  const { answers, ...rest } = media['poll'] as { answers: TlObject[] } & TlObject;
  const [first, ...others] = answers;
  const withPhoto = { ...first, media: photoMedia(kit) };
  const document = { _: 'messageMediaDocument', document: kit.files.document('pdf') };
  return {
    ...media,
    poll: { ...rest, answers: [withPhoto, ...others] },
    results: { ...(media['results'] as TlObject), solution_media: document },
    attached_media: photoMedia(kit),
  };
}

function richMessage(kit: Kit): TlObject {
  const [photo, document] = [kit.files.photo(), kit.files.document('video')];
  const blocks = [
    { _: 'pageBlockHeading1', text: richText('A long story') },
    { _: 'pageBlockParagraph', text: { _: 'textSpoiler', text: richText('that nobody may know') } },
    { _: 'pageBlockPhoto', photo_id: photo.id, caption },
    { _: 'pageBlockVideo', video_id: document.id, caption },
    { _: 'pageBlockMath', source: 'e^{i\\pi} = -1' },
  ];
  return { _: 'richMessage', blocks, photos: [photo], documents: [document] };
}

/** Messages with media, and those with more than plain text. */
const NEWER_MEDIA: Kinds = {
  'to-do list': (kit) => {
    const completions = [{ _: 'todoCompletion', id: 1, completed_by: peer(friend(kit)), date: kit.clock.now }];
    return newer({ media: { _: 'messageMediaToDo', todo, completions } });
  },
  'video stream': () => newer({ media: { _: 'messageMediaVideoStream', rtmp_stream: true, call } }),
  'live photo': (kit) =>
    newer({
      text: 'It moves',
      media: { ...photoMedia(kit), live_photo: true, video: kit.files.document('video') },
    }),
  'poll with files': (kit) => newer({ media: pollWithFiles(kit) }),
  'rich message': (kit) => newer({ text: 'A long story', fields: { rich_message: richMessage(kit) } }),
};

/** Service messages. */
const NEWER_ACTIONS: Kinds = {
  'paid messages refunded': () => act({ _: 'messageActionPaidMessagesRefunded', count: 2, stars: 20n }),
  'price of messages': () => act({ _: 'messageActionPaidMessagesPrice', stars: 10n }),
  'conference call': (kit) =>
    act({
      _: 'messageActionConferenceCall',
      video: true,
      call_id: 77n,
      duration: 60,
      other_participants: [peer(friend(kit))],
    }),
  'tasks done': () => act({ _: 'messageActionTodoCompletions', completed: [1], incompleted: [2] }),
  'tasks added': () => act({ _: 'messageActionTodoAppendTasks', list: [item(3, 'Pots')] }),
  'post approved': () => act({ _: 'messageActionSuggestedPostApproval', schedule_date: 1_770_100_000, price: stars }),
  'post paid': () => act({ _: 'messageActionSuggestedPostSuccess', price: stars }),
  'post refunded': () => act({ _: 'messageActionSuggestedPostRefund', payer_initiated: true }),
  'gift of TON': () =>
    act({ _: 'messageActionGiftTon', currency: 'USD', amount: 500n, crypto_currency: 'TON', crypto_amount: 1n }),
  'birthday suggested': () => act({ _: 'messageActionSuggestBirthday', birthday: { _: 'birthday', day: 3, month: 5 } }),
  'offer for a gift': (kit) =>
    act({ _: 'messageActionStarGiftPurchaseOffer', gift: gift(kit), price: stars, expires_at: 1_770_100_000 }),
  'offer declined': (kit) =>
    act({ _: 'messageActionStarGiftPurchaseOfferDeclined', expired: true, gift: gift(kit), price: stars }),
  'pending owner': (kit) => act({ _: 'messageActionNewCreatorPending', new_creator_id: friend(kit).bareId }),
  'another owner': (kit) => act({ _: 'messageActionChangeCreator', new_creator_id: friend(kit).bareId }),
  'content protected': () => act({ _: 'messageActionNoForwardsToggle', prev_value: false, new_value: true }),
  'protection asked for': () => act({ _: 'messageActionNoForwardsRequest', prev_value: true, new_value: false }),
  'answer added': (kit) =>
    act({
      _: 'messageActionPollAppendAnswer',
      answer: { _: 'pollAnswer', text: plain('The sea'), option: Uint8Array.of(9), media: photoMedia(kit) },
    }),
  'answer gone': () =>
    act({
      _: 'messageActionPollDeleteAnswer',
      answer: { _: 'pollAnswer', text: plain('The sea'), option: Uint8Array.of(9) },
    }),
  'bot made': (kit) => act({ _: 'messageActionManagedBotCreated', bot_id: kit.people.bot.bareId }),
};

/** Every kind from newer layers. */
export const NEWER_KINDS: Kinds = { ...NEWER_MEDIA, ...NEWER_ACTIONS };
