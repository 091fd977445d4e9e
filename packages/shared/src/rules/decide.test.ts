/** The first rule that matches decides; what none matches gets the opposite of the last one. */
import { parseConfig, wantedChats } from '@tgsync/shared/config';
import { decide, type MediaFacts, type MediaRules } from '@tgsync/shared/rules';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const tg = { api_id: 1, api_hash: '00112233445566778899aabbccddeeff' };

/** Rules as config.json has them. */
function rules(media: unknown): MediaRules {
  return wantedChats(parseConfig(JSON.stringify({ tg: { ...tg, chats: { '5': { media } } } })))[0]!.rules;
}

const video: MediaFacts = {
  category: 'video',
  type: 'video/mp4',
  name: 'Holiday 2023.MP4',
  size: 300n * 1024n ** 2n,
  date: new Date('2024-05-01T12:00:00Z'),
  caption: 'At the #beach',
  senderId: 42n,
  topicId: 7n,
};
const photo: MediaFacts = { ...video, category: 'photo', type: null, name: null, size: 1000n };

const takes = (media: unknown, facts: MediaFacts) => decide(rules(media), facts) === null;

test('without rules all is taken; false takes nothing', () => {
  expect([takes(undefined, video), takes(true, video), takes(false, video)]).toEqual([true, true, false]);
  expect(decide(rules(false), video)).toBe('media: false');
});

test.each<[unknown, boolean, boolean]>([
  [{ kind: 'photo' }, false, true],
  [{ kind: ['photo', 'video'] }, true, true],
  [{ extension: 'mp4' }, true, false],
  [{ extension: ['.JPG'] }, false, true],
  [{ mime: 'image/*' }, false, true],
  [{ mime: 'video/MP4' }, true, false],
  [{ size: { max: '300 MiB' } }, true, true],
  [{ size: { max: '299 MiB' } }, false, true],
  [{ size: { min: 1001 } }, true, false],
  [{ date: { since: '2024-05-01' } }, true, true],
  [{ date: { until: '2024-05-01' } }, false, false],
  [{ date: { since: '2024-05-01T12:00:00Z', until: '2024-05-01T12:00:01Z' } }, true, true],
  [{ date: { since: '2024-05-01T15:00:00+02:00' } }, false, false],
  [{ name: '(?i)holiday' }, true, false],
  [{ caption: '#beach\\b' }, true, true],
  [{ sender: 42 }, true, true],
  [{ sender: ['-1000000000005', 43] }, false, false],
  [{ topic: [7, 8] }, true, true],
  [{ kind: 'video', topic: 8 }, false, false],
  [[{ skip: { size: { min: '100 MB' } } }], false, true],
  [[{ take: { sender: 42 } }, { skip: {} }], true, true],
  [[{ skip: { kind: 'video' } }, { take: { mime: 'video/*' } }], false, false],
  [[{ skip: { kind: 'photo' } }, { take: { kind: 'photo' } }, { skip: { topic: 9 } }], true, false],
])('%j: the video %s, the photo %s', (media, expectedVideo, expectedPhoto) => {
  expect([takes(media, video), takes(media, photo)]).toEqual([expectedVideo, expectedPhoto]);
});

test('what the message does not tell meets no condition on it', () => {
  const bare: MediaFacts = { ...photo, date: null, caption: null, senderId: null, topicId: null };
  for (const when of [{ date: { since: '2000-01-01' } }, { caption: '.' }, { sender: 0 }, { topic: 0 }])
    expect(takes(when, bare), JSON.stringify(when)).toBe(false);
});

test('the rule that skips a media is told', () => {
  const told = decide(rules([{ take: { kind: 'photo' } }, { skip: { name: 'Holiday' } }]), video);
  expect(told).toBe('rule 2: skip {"name":"Holiday"}');
  expect(decide(rules({ kind: 'photo' }), video)).toBe('no rule takes it');
});

test('a pattern that would take a backtracking engine for ever takes no time', () => {
  const caption = 'a'.repeat(50_000);
  expect(takes({ caption: '^(a+)+$' }, { ...video, caption: `${caption}!` })).toBe(false);
  expect(takes({ caption: '^(a|aa)+$' }, { ...video, caption: `${caption}!` })).toBe(false);
});

interface Given {
  kind?: string;
  size?: { max: number };
  topic?: number;
  caption?: string;
}

test('decisions are the same for recorded rules, whatever they are', () => {
  const conditions = fc.record(
    {
      kind: fc.constantFrom('photo', 'video', 'sticker'),
      size: fc.record({ max: fc.nat(2000) }),
      topic: fc.nat(9),
      caption: fc.constantFrom('b', '^$', 'x+'),
    },
    { requiredKeys: [] },
  );
  const rule = fc.oneof(fc.record({ take: conditions }), fc.record({ skip: conditions }));
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (media) => {
      const own = rules(media);
      const recorded = JSON.parse(JSON.stringify(own)) as MediaRules;
      for (const facts of [video, photo]) expect(decide(recorded, facts)).toBe(decide(own, facts));
      const holds = ({ kind, size, topic, caption }: Given, it: MediaFacts) =>
        (kind ?? it.category) === it.category &&
        it.size <= (size?.max ?? 10 ** 12) &&
        (topic === undefined || BigInt(topic) === it.topicId) &&
        new RegExp(caption ?? '').test(it.caption!);
      for (const facts of [video, photo]) {
        const first = media.find((it) => holds('take' in it ? it.take : it.skip, facts));
        const expected = first ? 'take' in first : 'skip' in media.at(-1)!;
        expect(decide(own, facts) === null).toBe(expected);
      }
    }),
  );
});

describe('wrong rules are refused with their place and the remedy', () => {
  const at = 'tg.chats.5.media';
  test.each<[unknown, string]>([
    ['photos', `${at}: false, conditions such as`],
    [{ kind: 'foto' }, `${at}.kind: Invalid option: expected one of "photo"|"video"`],
    [{ kinds: 'photo' }, `${at}.kinds: unknown setting`],
    [{ kind: [] }, `${at}.kind`],
    [{ size: { max: 'much' } }, `${at}.size.max: a size such as "1 GiB", or a number of bytes`],
    [{ size: { min: 2, max: 1 } }, `${at}.size: \`min\` must not be greater than \`max\``],
    [{ date: { since: 'yesterday' } }, `${at}.date.since: a date such as "2024-12-31"`],
    [{ date: { since: '2024-02-31' } }, `${at}.date.since: there is no such date`],
    [{ date: { since: '2024-02-02', until: '2024-02-02' } }, `${at}.date: \`since\` must be before \`until\``],
    [{ name: '(' }, `${at}.name: not a regular expression of RE2 (missing closing )`],
    [{ caption: '(?=x)' }, `${at}.caption: not a regular expression of RE2`],
    [{ mime: 'video' }, `${at}.mime: a mime type such as "application/pdf", or "image/*"`],
    [{ sender: '@me' }, `${at}.sender: an id, such as 12345678`],
    [[], at],
    [[{ kind: 'photo' }], `${at}.0`],
    [[{ take: { kind: 'photo' } }, { skip: { size: { max: 'x' } } }], `${at}.1.skip.size.max: a size such as`],
    [[{ take: {}, skip: {} }], `${at}.0`],
  ])('%j', (media, problem) => {
    expect(() => rules(media)).toThrow(problem);
  });
});
