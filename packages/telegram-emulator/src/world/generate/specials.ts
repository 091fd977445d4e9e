/**
 * specials.ts: puts every kind of message and file into the chats at least once: the part of a world that tests check.
 */
import type { Chat } from '../chat.js';
import type { Cast } from './cast.js';
import { DOCUMENT_FORMS, PHOTO_FORMS } from './file-maker.js';
import { say, sayAlbum, sayEach, type Kit } from './kit.js';
import { MEDIA_KINDS } from './media-kinds.js';
import { HOSTILE_NAMES } from './names.js';
import { CHANNEL_ACTIONS, GROUP_ACTIONS, PRIVATE_ACTIONS } from './service-kinds.js';
import { FORWARD_KINDS, ODD_FORWARD_KINDS, POST_KINDS, REPLY_KINDS, TEXT_KINDS } from './text-kinds.js';
import { AWKWARD_TEXTS } from './texts.js';
import { WEB_PAGE_KINDS } from './web-page-kinds.js';

const MIB = 1024 * 1024;

/** File sizes at the edges of part arithmetic. */
const EDGE_SIZES: readonly (readonly [string, number])[] = [
  ['nothing.bin', 0],
  ['one byte.bin', 1],
  ['just under 4 KiB.bin', 4095],
  ['4 KiB.bin', 4096],
  ['just over 4 KiB.bin', 4097],
  ['512 KiB.bin', MIB / 2],
  ['just under 1 MiB.bin', MIB - 1],
  ['1 MiB.bin', MIB],
  ['just over 1 MiB.bin', MIB + 1],
  ['three parts and a bit.bin', 3 * MIB + 321],
  ['20 MiB.bin', 20 * MIB],
];

function everyFile(kit: Kit, chat: Chat): void {
  for (const form of Object.keys(PHOTO_FORMS)) say(kit, chat, { photo: kit.files.photo(form), text: form });
  for (const form of Object.keys(DOCUMENT_FORMS)) say(kit, chat, { document: kit.files.document(form) });
  for (const [name, size] of EDGE_SIZES) say(kit, chat, { document: kit.files.document('archive', size, { name }) });
}

function hostileNames(kit: Kit, chat: Chat): void {
  for (const [what, name] of HOSTILE_NAMES) {
    const form = kit.random.pick(['text file', 'pdf', 'video', 'no name, no type']);
    const document = kit.files.document(form, kit.random.between(100, 9_000), { name });
    say(kit, chat, { text: what, document });
  }
  // The same file in the same album twice, with one name.
  const twins = [1, 2].map(() => ({ document: kit.files.document('pdf', 5_000, { name: 'twins.pdf' }) }));
  sayAlbum(kit, chat, twins, 'two of a name');
}

/** One photo and one document that appear in several chats. */
function sharedFiles(kit: Kit, chats: readonly Chat[]): void {
  const photo = kit.files.photo('progressive', 45_000);
  const document = kit.files.document('music', 90_000, { name: 'everybody’s song.mp3' });
  for (const chat of chats) {
    say(kit, chat, { photo, text: 'In several chats' });
    say(kit, chat, { document });
  }
}

function albums(kit: Kit, chat: Chat): void {
  const photos = Array.from({ length: 10 }, () => ({ photo: kit.files.photo() }));
  sayAlbum(kit, chat, photos, 'Ten pictures');
  sayAlbum(kit, chat, [{ photo: kit.files.photo() }, { document: kit.files.document('video') }], 'Picture and film');
  sayAlbum(kit, chat, [{ document: kit.files.document('pdf') }, { document: kit.files.document('archive') }], 'Papers');
  sayAlbum(kit, chat, [{ document: kit.files.document('music') }, { document: kit.files.document('music') }], 'Songs');
  const gap = sayAlbum(kit, chat, photos.slice(0, 3), 'One of three is gone');
  chat.deleteMessage(gap[1]?.id ?? 0);
}

function conversations(kit: Kit, cast: Cast): void {
  const [first, second] = cast.private;
  if (!first || !second) throw new Error('a world has friends');
  say(kit, first, { text: 'Hello Robin!', from: first });
  say(kit, first, { text: 'Hello Alice', from: kit.people.self });
  sayEach(kit, first, PRIVATE_ACTIONS);
  sayEach(kit, second, REPLY_KINDS);
  sayEach(kit, cast.club, REPLY_KINDS);
  sayEach(kit, cast.club, TEXT_KINDS);
  sayEach(kit, cast.cats, POST_KINDS);
  sayEach(kit, kit.people.self, FORWARD_KINDS);
  sayEach(kit, cast.club, FORWARD_KINDS);
}

/** Adds a sample of everything. */
export function addSpecials(kit: Kit, cast: Cast, pleasant: boolean): void {
  conversations(kit, cast);
  albums(kit, cast.club);
  sharedFiles(kit, [cast.cats, cast.family, cast.club, kit.people.self, cast.radio]);
  sayEach(kit, cast.family, GROUP_ACTIONS);
  sayEach(kit, cast.club, GROUP_ACTIONS);
  sayEach(kit, cast.cats, CHANNEL_ACTIONS);
  sayEach(kit, cast.recipes, WEB_PAGE_KINDS);
  sayEach(kit, pleasant ? cast.club : cast.board, MEDIA_KINDS);
  if (!cast.odd) return;
  everyFile(kit, cast.odd);
  hostileNames(kit, cast.odd);
  sayEach(kit, cast.odd, MEDIA_KINDS);
  for (const from of [kit.people.huge, kit.people.deleted]) say(kit, cast.club, { from, text: 'Hello all' });
  for (const chat of [cast.club, kit.people.self]) sayEach(kit, chat, ODD_FORWARD_KINDS);
  sayEach(kit, kit.people.huge, WEB_PAGE_KINDS);
  sayEach(kit, kit.people.deleted, REPLY_KINDS);
  for (const text of AWKWARD_TEXTS) say(kit, cast.odd, { text });
  say(kit, cast.odd, { empty: true });
  cast.odd.skipIds(100);
  say(kit, cast.odd, { text: 'a hundred ids later', postAuthor: 'Auth\u0000or \u202e' });
}
