/**
 * chat-key.ts: what a key of tg.chats names: one chat by its id, username or link, the chats of a folder, or all. Pure. Links are those
 * of core.telegram.org/api/links.
 */
import { channelMarkedId } from '../peer-id/index.js';

export type ChatKey =
  { kind: 'id'; id: bigint } | { kind: 'name'; name: string } | { kind: 'folder'; title: string } | { kind: 'all' };

const idProblem = 'a chat id must be a whole number, such as "-1001234567890"';
const keyProblem =
  'not a chat; expected an id such as "-1001234567890", "@username", "https://t.me/username", "folder:Name" or "*"';
const inviteProblem =
  'an invite link does not say which chat it leads to; join the chat, then use its id from chats.json';
const linkProblem = 'this link does not lead to a chat; use "https://t.me/username", or the id from chats.json';

/** What the key names; a text: why it is none. */
export function readChatKey(text: string): ChatKey | string {
  if (text === '*') return { kind: 'all' };
  if (/^[-+]?\d+$/.test(text)) return /^-?[1-9]\d{0,15}$/.test(text) ? { kind: 'id', id: BigInt(text) } : idProblem;
  if (text.startsWith('folder:')) {
    const title = text.slice('folder:'.length).trim();
    return title ? { kind: 'folder', title } : 'expected the name of a chat folder after "folder:"';
  }
  if (text.startsWith('@'))
    return named(text.slice(1)) ?? 'a username has letters, digits and underscores, such as "@username"';
  return readLink(text) ?? keyProblem;
}

/** The key in the one form that all ways to write it share. */
export function canonicalKey(key: ChatKey): string {
  if (key.kind === 'id') return key.id.toString();
  if (key.kind === 'name') return `@${key.name}`;
  return key.kind === 'folder' ? `folder:${key.title}` : '*';
}

/** Usernames do not distinguish upper and lower case. */
function named(name: string | undefined): ChatKey | undefined {
  return name && /^[a-z]\w{1,31}$/i.test(name) ? { kind: 'name', name: name.toLowerCase() } : undefined;
}

const hosts = /^((?<name>\w+)\.)?(t\.me|telegram\.me|telegram\.dog)$/;
/** First words of paths that are no usernames. */
const otherLinks =
  /^(add(emoji|list|stickers|style|theme)|auction|bg|boost|call|confirmphone|contact|giftcode|invoice|iv|k|a|login|m|newbot|nft|proxy|setlanguage|share|socks|z)$/;

/** undefined: not a link of Telegram's. */
function readLink(text: string): ChatKey | string | undefined {
  const url = urlOf(text);
  if (!url) return undefined;
  const { protocol, hostname, pathname, searchParams } = url;
  if (protocol === 'tg:') return readAppLink(hostname || pathname.replace(/^\/+/, ''), searchParams);
  const host = hosts.exec(hostname);
  if (!host || !/^https?:$/.test(protocol)) return undefined;
  const subdomain = host.groups?.['name'];
  if (subdomain && subdomain !== 'www') return named(subdomain) ?? linkProblem;
  const [first = '', second] = pathname.split('/').filter(Boolean).map(decoded);
  if (first.startsWith('+') || first === 'joinchat') return inviteProblem;
  if (first === 'c') return channelOf(second);
  if (first === 's') return named(second) ?? linkProblem;
  return otherLinks.test(first) ? linkProblem : (named(first) ?? linkProblem);
}

function readAppLink(action: string, query: URLSearchParams): ChatKey | string {
  if (action === 'join') return inviteProblem;
  if (action === 'privatepost') return channelOf(query.get('channel') ?? undefined);
  return (action === 'resolve' ? named(query.get('domain') ?? undefined) : undefined) ?? linkProblem;
}

function channelOf(id: string | undefined): ChatKey | string {
  return id && /^[1-9]\d{0,12}$/.test(id) ? { kind: 'id', id: channelMarkedId(BigInt(id)) } : linkProblem;
}

function urlOf(text: string): URL | undefined {
  const full = /^[a-z]+:/i.test(text) ? text : `https://${text}`;
  return URL.canParse(full) ? new URL(full) : undefined;
}

/** Left as it is if it is not encoded correctly. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
