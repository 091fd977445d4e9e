/**
 * pushes.ts: pushes updates to connected clients as things happen in the world, in the form and with the faults that tests ask for.
 * A client that is offline, or does not read, gets nothing and later sees the gap in its pts: that is what differences are for.
 */
import type { AuthKey } from './mtproto/auth-key.js';
import type { Session } from './mtproto/session.js';
import { containerTl, type Pushed, pushedNow, shortestTl, shortTl } from './push-forms.js';
import { LivePushFault, type PushFault, type PushFaultHandle } from './push-faults.js';
import { type ById, objectById } from './tl/by-id.js';
import type { TlObject } from './tl/value.js';
import type { Chat } from './world/chat.js';
import type { World, WorldEvent } from './world/world.js';

/** A session of a key. */
export interface Target {
  readonly key: AuthKey;
  readonly session: Session;
}

export interface PushDeps {
  readonly world: World;
  readonly keys: () => Iterable<AuthKey>;
  readonly push: (to: Target, updates: TlObject) => void;
  /** Tells a client that its session is new. */
  readonly renew: (to: Target) => void;
}

/** How pushes are wrapped; without either, each event is an `updates` of its own. */
export interface PushForm {
  /** `updateShort`, `updateShortMessage` and `updateShortChatMessage` wherever they are possible. */
  readonly short?: boolean;
  /** So many events wait for each other and come in one container. */
  readonly combine?: number;
}

export class Pushes {
  readonly #faults = new Set<LivePushFault>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stop: () => void;
  #form: PushForm = {};
  #waiting: Pushed[] = [];

  constructor(private readonly deps: PushDeps) {
    this.#stop = deps.world.onUpdate((event) => this.#happened(event));
  }

  /** Activates a fault. */
  fault(fault: PushFault): PushFaultHandle {
    const live = new LivePushFault(fault, (it) => this.#faults.delete(it));
    this.#faults.add(live);
    return live;
  }

  /** Wraps pushes in this form from now on; call the result to end that. What waited for company is then pushed. */
  form(form: PushForm): () => void {
    const before = this.#form;
    this.#form = form;
    return () => {
      this.#form = before;
      this.#flush();
    };
  }

  /** Pushes `updatesTooLong`: the client must ask for a difference. */
  tooLong(): void {
    this.#send({ _: 'updatesTooLong' });
  }

  /** Pushes `updateChannelTooLong`: the client must ask for the channel's difference. */
  channelTooLong(chat: Chat): void {
    const { world } = this.deps;
    this.#send(shortTl(world, { _: 'updateChannelTooLong', channel_id: chat.bareId, pts: chat.log.pts }));
  }

  /** Pushes `updates` whose only update is one that no layer knows, or something unknown instead of updates. */
  unknown({ whole = false, ...id }: ById & { readonly whole?: boolean } = {}): void {
    const unknown = objectById(id);
    this.#send(whole ? unknown : shortTl(this.deps.world, unknown));
  }

  /** Sends `new_session_created`, as after a loss on the server: updates may have been lost. */
  newSession(): void {
    for (const target of this.#targets()) this.deps.renew(target);
  }

  close(): void {
    this.#stop();
    for (const it of this.#timers) clearTimeout(it);
  }

  #happened(event: WorldEvent): void {
    if (event.kind !== 'loose' && !event.chat.followed) return;
    const fault = [...this.#faults].find((it) => it.meets(event));
    const pushed = pushedNow(event);
    if (fault) return this.#affected(fault, this.#wrapped(pushed));
    if (this.#form.combine === undefined) return this.#deliver(this.#wrapped(pushed));
    this.#waiting.push(pushed);
    if (this.#waiting.length >= this.#form.combine) this.#flush();
  }

  #wrapped(pushed: Pushed): TlObject {
    const { world } = this.deps;
    const { event, updates } = pushed;
    if (event.kind === 'loose' && event.seq === undefined) return shortTl(world, updates[0]!);
    return (this.#form.short && shortestTl(world, pushed)) || containerTl(world, [pushed]);
  }

  #affected(live: LivePushFault, container: TlObject): void {
    const { fault, held } = live;
    switch (fault.kind) {
      case 'drop':
        return;
      case 'hold':
      case 'swap':
        held.push(() => this.#send(container));
        return;
      case 'twice':
        this.#deliver(container);
        this.#send(container);
        return;
      case 'delay': {
        const timer = setTimeout(() => {
          this.#timers.delete(timer);
          this.#send(container);
        }, fault.ms);
        this.#timers.add(timer.unref());
      }
    }
  }

  #flush(): void {
    const waiting = this.#waiting.splice(0);
    if (waiting.length > 0) this.#deliver(containerTl(this.deps.world, waiting));
  }

  /** Sends a container, and after it those that it overtook. */
  #deliver(container: TlObject): void {
    this.#send(container);
    for (const { fault, held } of this.#faults) if (fault.kind === 'swap') for (const push of held.splice(0)) push();
  }

  #send(updates: TlObject): void {
    for (const target of this.#targets()) this.deps.push(target, updates);
  }

  /**
   * Of each login, the session that was used last at its home data centre, file methods and `invokeWithoutUpdates` not counted:
   * it alone gets updates.
   */
  #targets(): Iterable<Target> {
    const targets = new Map<unknown, Target>();
    for (const key of this.deps.keys()) {
      const { authorization, dc } = key;
      if (authorization?.state !== 'alive' || authorization.homeDc !== dc) continue;
      for (const session of key.sessions.values()) {
        const best = targets.get(authorization)?.session.wantsUpdates ?? 0;
        if (session.wantsUpdates > best && session.connection?.canTakeUpdates)
          targets.set(authorization, { key, session });
      }
    }
    return targets.values();
  }
}
