/** Which chats a folder shows: the rules of core.telegram.org/api/folders, for every combination of flags. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Folder } from '../telegram/index.js';
import { belongs, type Judged } from './folder-rules.js';
import { isLeftOut } from './left-out.js';

const id = fc.bigInt(1n, 6n);
const kind = fc.constantFrom('user', 'group', 'supergroup', 'channel');
const dialogs: fc.Arbitrary<Judged> = fc.record({
  id,
  facts: fc.option(fc.record({ kind })) as fc.Arbitrary<Judged['facts']>,
  traits: fc.record({
    isContact: fc.boolean(),
    isBot: fc.boolean(),
    isClosed: fc.constant(false),
    isArchived: fc.boolean(),
    isMuted: fc.option(fc.boolean()),
    isUnread: fc.boolean(),
    hasUnreadMentions: fc.boolean(),
  }),
});
const flags = [
  'contacts',
  'nonContacts',
  'groups',
  'channels',
  'bots',
  'excludeMuted',
  'excludeRead',
  'excludeArchived',
];
const rules = fc.record(Object.fromEntries(flags.map((it) => [it, fc.boolean()]))) as unknown as fc.Arbitrary<
  NonNullable<Folder['rules']>
>;
const folders: fc.Arbitrary<Folder> = fc.record({
  title: fc.constant('Work'),
  included: fc.array(fc.record({ id, accessHash: fc.constant(null) }), { maxLength: 2 }),
  excluded: fc.array(id, { maxLength: 2 }),
  rules: fc.option(rules),
});
const mutedKinds = fc.record({ users: fc.boolean(), groups: fc.boolean(), channels: fc.boolean() });
const folder = (more: Partial<Folder['rules']>): Folder => ({
  title: 'Work',
  included: [],
  excluded: [],
  rules: {
    ...(Object.fromEntries(flags.map((it) => [it, false])) as unknown as NonNullable<Folder['rules']>),
    ...more,
  },
});

test('what is listed is in, what is excluded is not, whatever else holds', () => {
  fc.assert(
    fc.property(folders, dialogs, mutedKinds, (it, dialog, muted) => {
      const is = belongs(it, dialog, muted);
      if (it.included.some((one) => one.id === dialog.id)) expect(is).toBe(true);
      else if (it.excluded.includes(dialog.id) || !it.rules) expect(is).toBe(false);
    }),
  );
});

test('a chat belongs by one flag of its kind, and by no other', () => {
  const flagOf = ({ facts, traits }: Judged) => {
    if (facts?.kind === 'channel') return 'channels';
    if (facts?.kind !== 'user') return 'groups';
    return traits.isBot ? 'bots' : traits.isContact ? 'contacts' : 'nonContacts';
  };
  fc.assert(
    fc.property(dialogs, (dialog) => {
      for (const flag of flags.slice(0, 5)) {
        const expected = dialog.facts ? flagOf(dialog) === flag : undefined;
        expect(belongs(folder({ [flag]: true }), dialog), flag).toBe(expected);
      }
    }),
  );
});

test('each exclusion takes away what it names and nothing else; a mention shows a muted or read chat, not an archived one', () => {
  const everything = { contacts: true, nonContacts: true, groups: true, channels: true, bots: true };
  fc.assert(
    fc.property(dialogs, mutedKinds, (dialog, muted) => {
      const shown = (more: object) => belongs(folder({ ...everything, ...more }), dialog, muted);
      if (!dialog.facts) return;
      const { isMuted, isUnread, isArchived, hasUnreadMentions } = dialog.traits;
      const ofKind = dialog.facts.kind === 'user' ? muted.users : muted.groups;
      const isSilent = isMuted ?? (dialog.facts.kind === 'channel' ? muted.channels : ofKind);
      expect(shown({})).toBe(true);
      expect(shown({ excludeArchived: true })).toBe(!isArchived);
      expect(shown({ excludeMuted: true })).toBe(!isSilent || hasUnreadMentions);
      expect(shown({ excludeRead: true })).toBe(isUnread || hasUnreadMentions);
    }),
  );
});

const dialog = (chatId: bigint, facts: Judged['facts'], isBot = false): Judged => ({
  id: chatId,
  facts,
  traits: {
    isContact: false,
    isBot,
    isClosed: false,
    isArchived: false,
    isMuted: null,
    isUnread: false,
    hasUnreadMentions: false,
  },
});

test.each<[string[], Judged, boolean | undefined]>([
  [['5'], dialog(5n, { kind: 'user' }), true],
  [['bot'], dialog(5n, { kind: 'user' }), false],
  [['bot'], dialog(5n, { kind: 'user' }, true), true],
  [['user'], dialog(5n, { kind: 'user' }, true), false],
  [['channel'], dialog(-1_000_000_000_005n, { kind: 'supergroup' }), false],
  // Of a chat that this version cannot read only the id is known.
  [['channel'], dialog(-1_000_000_000_005n, null), undefined],
  [['channel', 'supergroup'], dialog(-1_000_000_000_005n, null), true],
  [['user'], dialog(-5n, null), false],
  [['group'], dialog(-5n, null), true],
])('"*" without %j: %o → %s', (exclude, it, expected) => {
  expect(isLeftOut(new Set(exclude), it)).toBe(expected);
});
