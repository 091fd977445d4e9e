/**
 * pushes.ts: pushes updates to connected clients as things happen in the world.
 * A client that is offline, or does not read, gets nothing and later sees the gap in its pts: that is what differences are for.
 */
import type { AuthKey } from './mtproto/auth-key.js';
import type { Session } from './mtproto/session.js';
import { updatesOf } from './services/event-tl.js';
import type { TlObject } from './tl/value.js';
import { mentionedPeers } from './world/mentioned-peers.js';
import type { World, WorldEvent } from './world/world.js';

/** A session of a key. */
interface Target {
  readonly key: AuthKey;
  readonly session: Session;
}

/** Sessions that get updates: of a login, at its home data centre, that called anything other than file methods. */
function* listening(keys: Iterable<AuthKey>): Generator<Target> {
  for (const key of keys) {
    const { authorization, dc } = key;
    if (authorization?.state !== 'alive' || authorization.homeDc !== dc) continue;
    for (const session of key.sessions.values())
      if (session.wantsUpdates && session.connection?.canTakeUpdates) yield { key, session };
  }
}

/** `updates` for one event. They have no `seq`, only the pts of their chat. */
function eventTl(world: World, event: WorldEvent): TlObject {
  const updates = updatesOf(event);
  const { users, chats } = mentionedPeers(world, updates, event.chat.kind === 'user' ? [] : [event.chat]);
  return { _: 'updates', updates, users, chats, date: world.now(), seq: 0 };
}

/** Pushes updates from now on; call the result to stop. */
export function pushUpdates(
  world: World,
  keys: () => Iterable<AuthKey>,
  push: (to: Target, updates: TlObject) => void,
): () => void {
  return world.onUpdate((event) => {
    if (!event.chat.listed || !event.chat.readable) return;
    let updates: TlObject | undefined;
    for (const target of listening(keys())) push(target, (updates ??= eventTl(world, event)));
  });
}
