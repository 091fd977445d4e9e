/** Whatever a sender can change is an edit; whatever changes by itself is none. */
import { describe, expect, test } from 'vitest';
import { Api, tlobjects } from '../telegram/wire/gramjs.js';
import { comparable, isEdited, type Raw } from './content.js';

const message = (media?: object, more: object = {}): Raw => ({
  _: 'Message',
  id: 1,
  message: 'hello',
  ...(media && { media }),
  ...more,
});
const shuffled = (it: unknown): unknown => {
  if (Array.isArray(it)) return it.map(shuffled);
  if (typeof it !== 'object' || it === null) return it;
  return Object.fromEntries(
    Object.entries(it)
      .toReversed()
      .map(([name, value]) => [name, shuffled(value)]),
  );
};

test('every kind of media of the schema can be compared, and no other is named', () => {
  const id = Api.MessageMediaEmpty.SUBCLASS_OF_ID;
  const all = Object.values(tlobjects as Record<string, { className: string; SUBCLASS_OF_ID: number }>)
    .filter((it) => it.SUBCLASS_OF_ID === id && !it.className.includes('.'))
    .map((it) => it.className);
  expect([...comparable].toSorted()).toEqual(all.toSorted());
});

const bold = { _: 'MessageEntityBold', offset: 0, length: 5 };
const photo = (id: string, more: object = {}) => ({ _: 'MessageMediaPhoto', photo: { _: 'Photo', id, ...more } });
const documentMedia = (id: string, more: object = {}) => ({
  _: 'MessageMediaDocument',
  document: { _: 'Document', id },
  ...more,
});
const page = (id: string) => ({ _: 'MessageMediaWebPage', webpage: { _: 'WebPage', id, title: id } });
const styled = (text: string) => ({ _: 'TextWithEntities', text, entities: [] });
const poll = (question: string, answers: string[], more: object = {}, results: object = {}) => ({
  _: 'MessageMediaPoll',
  poll: {
    _: 'Poll',
    id: '1',
    question: styled(question),
    answers: answers.map((it) => ({ _: 'PollAnswer', text: styled(it) })),
    ...more,
  },
  results: { _: 'PollResults', ...results },
});
const todo = (title: string, items: string[], more: object = {}) => ({
  _: 'MessageMediaToDo',
  todo: {
    _: 'TodoList',
    title: styled(title),
    list: items.map((it, id) => ({ _: 'TodoItem', id, title: styled(it) })),
  },
  ...more,
});
const geo = (lat: number) => ({ _: 'GeoPoint', lat, long: 2, accessHash: '5' });
const paid = (media: string) => ({ _: 'MessageMediaPaidMedia', starsAmount: '5', extendedMedia: [{ _: media }] });

describe('an edit:', () => {
  test.for<[string, Raw, Raw]>([
    ['the text', message(), message(undefined, { message: 'hello!' })],
    ['the formatting', message(), message(undefined, { entities: [bold] })],
    ['another photo', message(photo('1')), message(photo('2'))],
    ['a photo that was added', message(), message(photo('2'))],
    ['a photo that became a document', message(photo('1')), message(documentMedia('1'))],
    ['a media that was removed', message(documentMedia('1')), message()],
    [
      'another cover',
      message(documentMedia('1')),
      message(documentMedia('1', { videoCover: { _: 'Photo', id: '2' } })),
    ],
    ['the question of a poll', message(poll('a', ['b'])), message(poll('c', ['b']))],
    ['an answer of a poll', message(poll('a', ['b'])), message(poll('a', ['b', 'c']))],
    ['an item of a list', message(todo('a', ['b'])), message(todo('a', ['c']))],
    ['another place', message({ _: 'MessageMediaGeo', geo: geo(1) }), message({ _: 'MessageMediaGeo', geo: geo(2) })],
    [
      'another contact',
      message({ _: 'MessageMediaContact', firstName: 'a' }),
      message({ _: 'MessageMediaContact', firstName: 'b' }),
    ],
    [
      'a rich text',
      message(),
      message(undefined, { richMessage: { _: 'RichMessage', blocks: [{ _: 'PageBlockTitle' }] } }),
    ],
  ])('%s', ([, before, after]) => {
    expect(isEdited(before, after)).toBe(true);
    expect(isEdited(after, before)).toBe(true);
    expect(isEdited(before, shuffled(before) as Raw)).toBe(false);
  });
});

describe('no edit:', () => {
  test.for<[string, Raw, Raw]>([
    [
      'reactions, buttons, counters',
      message(),
      message(undefined, { reactions: {}, replyMarkup: {}, views: 5, editDate: 9, editHide: true }),
    ],
    [
      'a file reference',
      message(photo('1', { fileReference: { $bytes: 'AA==' } })),
      message(photo('1', { fileReference: { $bytes: 'AB==' } })),
    ],
    ['a preview that came', message(), message(page('1'))],
    ['a preview that changed', message(page('1')), message(page('2'))],
    [
      'votes, a result, the end of a poll',
      message(poll('a', ['b'])),
      message(poll('a', ['b'], { closed: true }, { totalVoters: 5 })),
    ],
    ['ticks in a list', message(todo('a', ['b'])), message(todo('a', ['b'], { completions: [{ id: 0 }] }))],
    [
      'a live location that moved',
      message({ _: 'MessageMediaGeoLive', geo: geo(1), period: 5 }),
      message({ _: 'MessageMediaGeoLive', geo: geo(2), period: 6 }),
    ],
    ['a photo that expired', message(photo('1')), message({ _: 'MessageMediaPhoto', ttlSeconds: 5 })],
    ['a video that expired', message(documentMedia('1')), message({ _: 'MessageMediaDocument', ttlSeconds: 5 })],
    ['paid media that was opened', message(paid('MessageExtendedMediaPreview')), message(paid('MessageExtendedMedia'))],
    ['what could not be read before', message({ _: 'MessageMediaUnsupported' }), message(photo('1'))],
    ['what cannot be read now', message(photo('1')), message({ _: 'MessageMediaOfTheFuture' })],
    ['what was read in part', message(undefined, { $unread: 'AA==', message: 'hel' }), message()],
    [
      'a paid invoice',
      message({ _: 'MessageMediaInvoice', title: 'a' }),
      message({ _: 'MessageMediaInvoice', title: 'a', receiptMsgId: 6 }),
    ],
  ])('%s', ([, before, after]) => {
    expect(isEdited(before, after)).toBe(false);
    expect(isEdited(after, before)).toBe(false);
  });
});
