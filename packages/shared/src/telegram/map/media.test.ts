/** Which photos and documents a message contains: the largest size, every digit, each once, and nothing that is no file. */
import bigInt from 'big-integer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { mediaOf } from './media.js';
import { toRaw } from './raw.js';
import { categoryInRaw } from '../../rules/index.js';

const reference = Buffer.from([1, 2, 3]);

function photo(id: bigint, sizes: Api.TypePhotoSize[] = [new Api.PhotoSize({ type: 'x', w: 10, h: 10, size: 99 })]) {
  const rest = { accessHash: bigInt('-9007199254740995'), fileReference: reference, date: 1, dcId: 2 };
  return new Api.Photo({ id: bigInt(id), sizes, ...rest });
}

function document(id: bigint, mimeType = 'video/mp4', attributes: Api.TypeDocumentAttribute[] = []) {
  const rest = { accessHash: bigInt('9007199254740995'), fileReference: reference, date: 1, dcId: 4 };
  return new Api.Document({ id: bigInt(id), mimeType, attributes, size: bigInt('9007199254740993'), ...rest });
}

function message(media?: Api.TypeMessageMedia): Api.Message {
  return new Api.Message({ id: 1, peerId: new Api.PeerUser({ userId: bigInt(5) }), date: 1, message: '', media });
}

function service(action: Api.TypeMessageAction): Api.MessageService {
  return new Api.MessageService({ id: 1, peerId: new Api.PeerChat({ chatId: bigInt(5) }), date: 1, action });
}

const withPhoto = (it: Api.TypePhoto) => message(new Api.MessageMediaPhoto({ photo: it }));
const withDocument = (it: Api.TypeDocument) => message(new Api.MessageMediaDocument({ document: it }));
const seen = (it: Api.Message | Api.MessageService) => mediaOf(it).map(({ kind, id, via }) => `${via} ${kind} ${id}`);
const paid = (...media: Api.TypeMessageMedia[]) =>
  message(
    new Api.MessageMediaPaidMedia({
      starsAmount: bigInt(1),
      extendedMedia: media.map((it) => new Api.MessageExtendedMedia({ media: it })),
    }),
  );

test('a photo has everything a download needs, every digit kept', () => {
  expect(mediaOf(withPhoto(photo(9007199254740993n)))).toEqual([
    {
      kind: 'photo',
      id: 9007199254740993n,
      via: 'media',
      dcId: 2,
      accessHash: -9007199254740995n,
      fileReference: reference,
      size: 99n,
      thumbSize: 'x',
      type: null,
      name: null,
      category: 'photo',
    },
  ]);
});

test('a document has everything a download needs, every digit kept', () => {
  const named = [new Api.DocumentAttributeFilename({ fileName: 'film.mp4' })];
  expect(mediaOf(withDocument(document(9007199254740993n, 'video/mp4', named)))).toEqual([
    {
      kind: 'document',
      id: 9007199254740993n,
      via: 'media',
      dcId: 4,
      accessHash: 9007199254740995n,
      fileReference: reference,
      size: 9007199254740993n,
      thumbSize: null,
      type: 'video/mp4',
      name: 'film.mp4',
      category: 'document',
    },
  ]);
});

const video = (more: object = {}) => new Api.DocumentAttributeVideo({ duration: 1, w: 2, h: 2, ...more });
const emptySet = new Api.InputStickerSetEmpty();

test.each<[string, Api.TypeDocumentAttribute[]]>([
  ['video', [video()]],
  ['round', [video({ roundMessage: true })]],
  ['voice', [new Api.DocumentAttributeAudio({ voice: true, duration: 1 })]],
  ['audio', [new Api.DocumentAttributeAudio({ duration: 1 })]],
  ['animation', [video(), new Api.DocumentAttributeAnimated()]],
  ['sticker', [new Api.DocumentAttributeSticker({ alt: '', stickerset: emptySet })]],
  ['sticker', [video(), new Api.DocumentAttributeSticker({ alt: '', stickerset: emptySet })]],
  ['document', []],
])('a document is a %s by its attributes, as it comes and as it was stored', (category, attributes) => {
  const message = withDocument(document(5n, 'video/mp4', attributes));
  expect(mediaOf(message)).toMatchObject([{ category }]);
  const stored: unknown = JSON.parse(JSON.stringify(toRaw(message)));
  expect([categoryInRaw(stored, 5n), categoryInRaw(stored, 6n)]).toEqual([category, undefined]);
});

test('the largest size of a photo is used, in whatever order and form the sizes come', () => {
  const previews = [
    new Api.PhotoStrippedSize({ type: 'i', bytes: Buffer.alloc(40) }),
    new Api.PhotoCachedSize({ type: 'c', w: 9999, h: 9999, bytes: Buffer.alloc(40) }),
    new Api.PhotoPathSize({ type: 'j', bytes: Buffer.alloc(40) }),
    new Api.PhotoSizeEmpty({ type: 'e' }),
  ];
  const real = [
    new Api.PhotoSize({ type: 's', w: 100, h: 75, size: 2000 }),
    new Api.PhotoSize({ type: 'm', w: 320, h: 240, size: 900_000 }), // heavy, but small
    new Api.PhotoSizeProgressive({ type: 'y', w: 1280, h: 960, sizes: [9000, 150_000, 40_000] }),
    new Api.PhotoSize({ type: 'x', w: 800, h: 600, size: 80_000 }),
  ];
  const shuffled = fc.shuffledSubarray([...previews, ...real], { minLength: previews.length + real.length });
  fc.assert(
    fc.property(shuffled, (sizes) => {
      expect(mediaOf(withPhoto(photo(1n, sizes)))).toMatchObject([{ thumbSize: 'y', size: 150_000n }]);
    }),
  );
});

test('of two sizes with equally many pixels, the one with more bytes is used', () => {
  const light = new Api.PhotoSize({ type: 'a', w: 10, h: 20, size: 5 });
  const heavy = new Api.PhotoSizeProgressive({ type: 'b', w: 20, h: 10, sizes: [1, 6] });
  for (const sizes of [
    [light, heavy],
    [heavy, light],
  ]) {
    expect(mediaOf(withPhoto(photo(1n, sizes)))).toMatchObject([{ thumbSize: 'b', size: 6n }]);
  }
});

test('media without a file yield none', () => {
  const none = [
    message(),
    message(new Api.MessageMediaEmpty()),
    message(new Api.MessageMediaPhoto({ ttlSeconds: 5 })),
    message(new Api.MessageMediaDocument({})),
    withPhoto(new Api.PhotoEmpty({ id: bigInt(1) })),
    withPhoto(photo(1n, [])),
    withPhoto(photo(1n, [new Api.PhotoStrippedSize({ type: 'i', bytes: Buffer.alloc(1) })])),
    withDocument(new Api.DocumentEmpty({ id: bigInt(1) })),
    message(new Api.MessageMediaWebPage({ webpage: new Api.WebPageEmpty({ id: bigInt(1) }) })),
    message(new Api.MessageMediaGeo({ geo: new Api.GeoPointEmpty() })),
    service(new Api.MessageActionPinMessage()),
    service(new Api.MessageActionChatEditPhoto({ photo: new Api.PhotoEmpty({ id: bigInt(1) }) })),
  ];
  for (const it of none) expect(mediaOf(it)).toEqual([]);
});

test('a web page yields its photo and its document', () => {
  const page = { id: bigInt(1), url: '', displayUrl: '', hash: 0 };
  const webpage = new Api.WebPage({ ...page, photo: photo(1n), document: document(2n) });
  expect(seen(message(new Api.MessageMediaWebPage({ webpage })))).toEqual(['webpage photo 1', 'webpage document 2']);
  expect(seen(message(new Api.MessageMediaWebPage({ webpage: new Api.WebPage(page) })))).toEqual([]);
});

test('a game, an invoice and a new chat photo yield theirs', () => {
  const game = { id: bigInt(1), accessHash: bigInt(1), shortName: '', title: '', description: '' };
  const withGame = new Api.Game({ ...game, photo: photo(1n), document: document(2n) });
  expect(seen(message(new Api.MessageMediaGame({ game: withGame })))).toEqual(['game photo 1', 'game document 2']);
  const extendedMedia = new Api.MessageExtendedMedia({ media: new Api.MessageMediaPhoto({ photo: photo(3n) }) });
  const invoice = { title: '', description: '', currency: 'EUR', totalAmount: bigInt(1), startParam: '' };
  expect(seen(message(new Api.MessageMediaInvoice({ ...invoice, extendedMedia })))).toEqual(['paid photo 3']);
  expect(seen(service(new Api.MessageActionChatEditPhoto({ photo: photo(4n) })))).toEqual(['action photo 4']);
  expect(seen(service(new Api.MessageActionSuggestProfilePhoto({ photo: photo(5n) })))).toEqual(['action photo 5']);
});

test('paid media: all that were paid for, in order, and no previews', () => {
  const bought = paid(
    new Api.MessageMediaDocument({ document: document(7n) }),
    new Api.MessageMediaPhoto({ photo: photo(3n) }),
    new Api.MessageMediaPhoto({ photo: photo(9n) }),
  );
  expect(seen(bought)).toEqual(['paid document 7', 'paid photo 3', 'paid photo 9']);
  const preview = new Api.MessageExtendedMediaPreview({ w: 1, h: 1 });
  expect(seen(message(new Api.MessageMediaPaidMedia({ starsAmount: bigInt(1), extendedMedia: [preview] })))).toEqual(
    [],
  );
});

test('a media is listed once; a photo and a document with the same id are two', () => {
  const same = paid(
    new Api.MessageMediaPhoto({ photo: photo(3n) }),
    new Api.MessageMediaPhoto({ photo: photo(3n) }),
    new Api.MessageMediaDocument({ document: document(3n) }),
  );
  expect(seen(same)).toEqual(['paid photo 3', 'paid document 3']);
});

test('names and types from strangers are kept, except for what a database refuses', () => {
  const named = (fileName: string, type = 'a/b') =>
    mediaOf(withDocument(document(1n, type, [new Api.DocumentAttributeFilename({ fileName })])))[0]!;
  expect(named('../../etc/passwd').name).toBe('../../etc/passwd'); // made safe where a file is named
  expect(named('a\0b\uD800.txt', 'te\0xt/\uDC00').name).toBe('a\uFFFDb\uFFFD.txt');
  expect(named('x', 'te\0xt/\uDC00').type).toBe('te\uFFFDxt/\uFFFD');
  expect(named('').name).toBe('');
  expect(mediaOf(withDocument(document(1n, '', [new Api.DocumentAttributeAnimated()])))[0]).toMatchObject({
    name: null,
    type: '',
  });
});

test('media of newer layers: videos of live photos, covers, files in polls and in rich messages', () => {
  const still = (id: bigint) => new Api.MessageMediaPhoto({ photo: photo(id) });
  const plus = <T extends object>(it: T, newer: object): T => Object.assign(it, newer);
  expect(seen(message(plus(still(1n), { video: document(2n) })))).toEqual(['media photo 1', 'live document 2']);
  const covered = new Api.MessageMediaDocument({ document: document(4n), videoCover: photo(5n) });
  expect(seen(message(covered))).toEqual(['media document 4', 'cover photo 5']);
  const parts = { poll: { answers: [{ media: still(3n) }, {}] }, results: { solutionMedia: still(6n) } } as never;
  const poll = plus(new Api.MessageMediaPoll(parts), { attachedMedia: still(7n) });
  expect(seen(message(poll))).toEqual(['poll photo 7', 'poll photo 3', 'poll photo 6']);
  const rich = plus(message(), { richMessage: { photos: [photo(8n)], documents: [document(9n)] } });
  expect(seen(rich)).toEqual(['rich photo 8', 'rich document 9']);
});
