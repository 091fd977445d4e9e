/** find-chat.ts: which archived chat a person means by an id, a username or a link. */
import { readChatKey } from '@tgsync/shared/config';
import { PersonError } from '@tgsync/shared/errors';

interface Named {
  id: bigint;
  username: string | null;
}

/** Throws a PersonError that says which one may have been meant. */
export function findNamedChat<T extends Named>(chats: readonly T[], text: string | undefined): T {
  if (text === undefined) throw new PersonError('Which chat? Give its id or @username; `status` lists the chats.');
  const key = readChatKey(text);
  if (typeof key === 'string') throw new PersonError(`${text}: ${key}.`);
  const found = chats.find(
    (it) => (key.kind === 'id' && it.id === key.id) || (key.kind === 'name' && it.username?.toLowerCase() === key.name),
  );
  if (found) return found;
  const digits = key.kind === 'id' ? bareDigits(key.id) : undefined;
  const near = chats.find((it) => bareDigits(it.id) === digits);
  throw new PersonError(`${text} is not a chat that is archived.${near ? ` Do you mean ${near.id}?` : ''}`);
}

/** An id of a channel is often written without its sign and prefix. */
const bareDigits = (id: bigint) => id.toString().replace(/^-(100)?/, '');
