/**
 * content.ts: what a message says, as its sender can edit it: text, formatting and media. Counters, votes, reactions, buttons, previews and
 * whatever else changes by itself are no content. Compares messages as they are stored (`raw`), whatever layer they were read with. Pure.
 */

/** A TL object as JSON: `_` is its constructor. */
export type Raw = Readonly<Record<string, unknown>> & { _?: unknown };

/** What cannot be compared: one of the two was not readable, or is no longer there for us. It is no edit. */
const unknowable = Symbol('unknowable');
type Content = unknown;

/** Whether a message was edited between two states of it. */
export function isEdited(before: Raw, after: Raw): boolean {
  if (isUnread(before) || isUnread(after)) return false;
  const texts = [before, after].map((it) =>
    canonical([text(it['message']), list(it['entities']), rich(it['richMessage'])]),
  );
  if (texts[0] !== texts[1]) return true;
  const [old, now] = [mediaContent(before['media']), mediaContent(after['media'])];
  return old !== unknowable && now !== unknowable && canonical(old) !== canonical(now);
}

/** Whether `after` no longer says what media a message has, as `before` did: it has expired, or this version cannot read it. */
export function saysLess(before: Raw, after: Raw): boolean {
  return mediaContent(after['media']) === unknowable && mediaContent(before['media']) !== unknowable;
}

/** Whether a message no longer holds its media, which could be viewed once or for some seconds. */
export function isExpired(message: Raw): boolean {
  const media = object(message['media']);
  if (media?.['ttlSeconds'] === undefined) return false;
  return media[media._ === 'MessageMediaPhoto' ? 'photo' : 'document'] === undefined;
}

/** Whether nothing at all has changed, apart from file references, which are new in every answer. */
export function isSame(before: Raw, after: Raw): boolean {
  return canonical(before) === canonical(after);
}

/** Read only in part: what is missing says nothing. */
function isUnread(message: Raw): boolean {
  return message['$unread'] !== undefined;
}

type Case = (media: Raw) => Content;

const idOf = (it: unknown): unknown => object(it)?.['id'] ?? null;
/** Media that can be viewed once, or for some seconds, have no file afterwards: that is not an edit. */
const file = (it: unknown): Content => (it === undefined ? unknowable : idOf(it));
const fields =
  (...names: string[]): Case =>
  (media) =>
    names.map((it) => media[it] ?? null);
const point = (it: unknown): Content => {
  const geo = object(it);
  return geo ? [geo['lat'] ?? null, geo['long'] ?? null] : null;
};
const styled = (it: unknown): Content => {
  const object_ = object(it);
  return object_ ? [text(object_['text']), list(object_['entities'])] : null;
};

/** One for each kind of media. */
const cases: Readonly<Record<string, Case>> = {
  MessageMediaEmpty: () => null,
  MessageMediaUnsupported: () => unknowable,
  MessageMediaPhoto: ({ photo, video }) => both(file(photo), idOf(video)),
  MessageMediaDocument: ({ document, videoCover }) => both(file(document), idOf(videoCover)),
  // A preview comes and changes by itself: what it previews is in the text.
  MessageMediaWebPage: () => null,
  MessageMediaGeo: ({ geo }) => point(geo),
  // It moves, and ends.
  MessageMediaGeoLive: () => null,
  MessageMediaVenue: (it) => [point(it['geo']), fields('title', 'address', 'provider', 'venueId')(it)],
  MessageMediaContact: fields('phoneNumber', 'firstName', 'lastName', 'vcard', 'userId'),
  MessageMediaGame: ({ game }) => idOf(game),
  MessageMediaInvoice: fields('title', 'description', 'currency', 'totalAmount'),
  MessageMediaPoll: ({ poll, attachedMedia }) => both(pollContent(object(poll) ?? {}), mediaContent(attachedMedia)),
  MessageMediaDice: fields('emoticon', 'value'),
  MessageMediaStory: fields('peer', 'id'),
  MessageMediaGiveaway: fields(
    'channels',
    'countriesIso2',
    'prizeDescription',
    'quantity',
    'months',
    'stars',
    'untilDate',
  ),
  MessageMediaGiveawayResults: fields('channelId', 'launchMsgId', 'prizeDescription', 'months', 'stars', 'untilDate'),
  // What is in it shows once it has been paid for.
  MessageMediaPaidMedia: ({ starsAmount, extendedMedia }) => [starsAmount ?? null, list(extendedMedia).length],
  MessageMediaToDo: ({ todo }) => todoContent(object(todo) ?? {}),
  MessageMediaVideoStream: ({ call }) => idOf(call),
};

/** The kinds of media that can be compared. */
export const comparable: ReadonlySet<string> = new Set(Object.keys(cases));

function mediaContent(it: unknown): Content {
  const media = object(it);
  if (!media) return null;
  const kind = String(media._);
  const content = cases[kind];
  if (!content) return unknowable; // of a layer to come
  const its = content(media);
  // No media, a preview and a kind without content of its own are the same only to themselves.
  return its === unknowable || its === null ? its : [kind, its];
}

function both(a: Content, b: Content): Content {
  return a === unknowable || b === unknowable ? unknowable : [a, b];
}

function pollContent(poll: Raw): Content {
  const answers = list(poll['answers']).map((it) => {
    const answer = object(it) ?? {};
    const media = mediaContent(answer['media']);
    return [styled(answer['text']), media === unknowable ? null : media];
  });
  return [poll['id'] ?? null, styled(poll['question']), answers];
}

function todoContent(todo: Raw): Content {
  const items = list(todo['list']).map((it) => [object(it)?.['id'] ?? null, styled(object(it)?.['title'])]);
  return [styled(todo['title']), items];
}

function rich(it: unknown): Content {
  const message = object(it);
  if (!message) return null;
  return [list(message['blocks']), list(message['photos']).map(idOf), list(message['documents']).map(idOf)];
}

function object(it: unknown): Raw | undefined {
  return typeof it === 'object' && it !== null && !Array.isArray(it) ? (it as Raw) : undefined;
}

function list(it: unknown): readonly unknown[] {
  return Array.isArray(it) ? it : [];
}

function text(it: unknown): string {
  return typeof it === 'string' ? it : '';
}

/** Postgres orders the fields of a JSON object in its own way; a file reference is of the answer, not of the file. */
function canonical(it: unknown): string {
  return JSON.stringify(it, (_, value: unknown) => {
    const one = object(value);
    if (!one) return value;
    const fields = Object.entries(one).filter(([name]) => name !== 'fileReference');
    return Object.fromEntries(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
