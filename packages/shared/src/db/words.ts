/** words.ts: the states and kinds that columns may hold. The schema has the same ones as CHECK constraints: see words.test.ts. */
export const mediaKinds = ['photo', 'document'] as const;
export type MediaKind = (typeof mediaKinds)[number];

/** owed, saved, failed (a person's *Retry* makes it owed again), gone (no message in Telegram holds it any more). */
export const mediaStates = ['owed', 'saved', 'failed', 'gone'] as const;
export type MediaState = (typeof mediaStates)[number];

/** absent: the person deleted the file; skipped: a rule leaves it out. */
export const linkStates = ['pending', 'linked', 'absent', 'skipped'] as const;
export type LinkState = (typeof linkStates)[number];

/** Where a media is within a message. */
export const mediaPlaces = ['media', 'webpage', 'game', 'paid', 'action', 'live', 'cover', 'poll', 'rich'] as const;
export type MediaPlace = (typeof mediaPlaces)[number];

export const chatKinds = ['user', 'group', 'supergroup', 'channel'] as const;
export type ChatKind = (typeof chatKinds)[number];

/** unknown: not surveyed yet. */
export const chatStates = ['unknown', 'ok', 'unreadable'] as const;

/** How tg.chats names chats. */
export const selectorKinds = ['id', 'name', 'folder', 'all'] as const;
export type SelectorKind = (typeof selectorKinds)[number];

/** Why stored messages are read again: tg.recheck, more happened than Telegram told, a person asked, they were not found before. */
export const recheckReasons = ['recent', 'hole', 'resync', 'missing'] as const;
export type RecheckReason = (typeof recheckReasons)[number];
