/**
 * chat.ts: one chat with its messages: a private chat, basic group, supergroup or channel, and how messages are added.
 * Private chats and basic groups take ids and pts from the account; supergroups and channels have their own.
 */
import type { TlObject } from '../tl/value.js';
import type { AccessHash } from './access-hash.js';
import { buildMessage, whoId, type Message, type NewMessage } from './message.js';
import { MessageStore } from './message-store.js';
import type { PhotoFile } from './media-file.js';
import { markedId, peerTl, type ChatKind } from './peers.js';
import type { DeletionReason } from './record.js';
import { type StepKind, UpdateLog } from './update-log.js';
import type { User } from './user.js';
import type { World } from './world.js';

/** Options for a group or channel. */
export interface NewChat {
  readonly title: string;
  /** The bare id. */
  readonly id?: bigint;
  readonly username?: string;
  readonly about?: string;
  readonly date?: number;
  readonly photo?: PhotoFile;
  readonly members?: readonly { readonly id: bigint }[];
  readonly archived?: boolean;
  /** Position among the pinned chats, starting at 1. */
  readonly pinned?: number;
  /** Content is protected: no forwarding or saving. */
  readonly noforwards?: boolean;
  readonly forum?: boolean;
  readonly signatures?: boolean;
  readonly creator?: boolean;
  /** Known but never joined: not among the dialogs; readable if it has a username. */
  readonly left?: boolean;
  /** Any other field of `chat` or `channel`, by its name in the schema. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A topic of a forum. Its id is that of the service message that created it. */
export interface Topic {
  readonly id: number;
  readonly title: string;
  readonly from: bigint;
  readonly date: number;
  readonly closed?: boolean;
  readonly hidden?: boolean;
}

/** A chat of the world. */
export class Chat {
  readonly id: bigint;
  readonly store = new MessageStore();
  readonly topics: Topic[] = [];
  readonly members: bigint[];
  /** Highest id given out so far, including deleted ones, if the chat has a sequence of its own. */
  lastId = 0;
  /** Histories and searches show nothing below this id; set by {@link hideHead}. */
  hiddenBelow = 0;
  /** The account may see nothing up to this id, not even by id. */
  availableMinId = 0;
  /** Seconds after which new messages delete themselves. */
  ttlPeriod: number | undefined;
  /** Whether the account was removed: the chat is then listed as forbidden and cannot be read. */
  removed = false;
  /** Never joined, or left: not in the list of chats, and readable if it has a username. */
  left: boolean;
  /** Unix seconds until which it is muted; undefined: as chats of its kind are. */
  mutedUntil: number | undefined;
  /** Messages that the account has not seen, and those of them that mention it. */
  unread = { messages: 0, mentions: 0 };
  migratedTo: Chat | undefined;
  migratedFrom: Chat | undefined;
  /** The discussion group of a channel, or the channel of a discussion group. */
  linked: Chat | undefined;
  pinned: number | undefined;
  archived: boolean;
  title: string;
  #username: string | undefined;
  readonly date: number;
  readonly log: UpdateLog;

  constructor(
    readonly world: World,
    readonly kind: ChatKind,
    readonly bareId: bigint,
    readonly hash: AccessHash,
    readonly options: NewChat,
    /** The other person of a private chat. */
    readonly user?: User,
  ) {
    this.id = markedId(kind, bareId);
    this.title = options.title;
    this.#username = options.username;
    this.left = options.left ?? false;
    this.date = options.date ?? world.startDate;
    this.archived = options.archived ?? false;
    this.pinned = options.pinned;
    this.members = (options.members ?? []).map((it) => it.id);
    this.log = this.ownSequence ? new UpdateLog(() => world.boxes.channelSize) : world.log;
  }

  /** Whether it has its own sequence of message ids and pts. */
  get ownSequence(): boolean {
    return this.kind === 'channel' || this.kind === 'supergroup';
  }

  /** Its current access hash. */
  get accessHash(): bigint {
    return this.hash.current;
  }

  get peer(): TlObject {
    return peerTl(this.id);
  }

  get username(): string | undefined {
    return this.user ? this.user.username : this.#username;
  }

  /** Names are unique: {@link World.rename} gives them. */
  set username(name: string | undefined) {
    if (this.user) this.user.username = name;
    else this.#username = name;
  }

  /** Whether it is in the account's list of chats. */
  get listed(): boolean {
    return this.kind === 'user' ? this.store.size > 0 : !this.left;
  }

  /** Whether its history can be read now. */
  get readable(): boolean {
    return !this.removed && (!this.left || this.username !== undefined);
  }

  /** Whether the account is told what happens here. */
  get followed(): boolean {
    return this.kind === 'user' || (this.listed && this.readable);
  }

  /** The lowest id that histories and searches show. */
  get shownFrom(): number {
    return Math.max(this.hiddenBelow, this.availableMinId + 1);
  }

  /** Every message, oldest first. */
  get messages(): Iterable<Message> {
    return this.store;
  }

  /** Adds a message. */
  addMessage(it: NewMessage = {}): Message {
    const id = it.id ?? this.#nextId();
    if (this.ownSequence ? this.store.has(id) : this.world.hasCommonId(id)) throw new Error(`id ${id} is taken`);
    const ttl = this.ttlPeriod !== undefined && !it.action && { fields: { ttl_period: this.ttlPeriod, ...it.fields } };
    const options = { ...it, ...ttl };
    const message = buildMessage(options, { id, date: it.date ?? this.#nextDate(), from: this.#sender(it) });
    this.store.put(message);
    this.world.noticeId(this, id);
    if (it.newer) this.world.newer.message(this, id, it.newer);
    this.step('new', [id]);
    return message;
  }

  /** Adds many messages; `make` returns the n-th one, counting from 0. */
  addMessages(
    count: number,
    make: (index: number) => NewMessage = (index) => ({ text: `Message ${index + 1}` }),
  ): Message[] {
    return Array.from({ length: count }, (_, index) => this.addMessage(make(index)));
  }

  /** Adds messages that a pure function makes on every read, so a million of them take little memory. */
  addLazyMessages(ids: readonly number[], make: (id: number) => Omit<NewMessage, 'id'> & { date: number }): void {
    this.store.putLazy(ids, (id) => {
      const it = make(id);
      return buildMessage(it, { id, date: it.date, from: this.#sender(it) });
    });
    this.world.noticeId(this, ids.at(-1) ?? 0);
    this.log.skip(ids.length);
  }

  /** Replaces a message by a new version, as its author does; it then shows as edited. */
  editMessage(id: number, changes: NewMessage): Message {
    const before = this.existing(id);
    const built = buildMessage(changes, { id, date: before.date, from: before.from });
    const { pendingUntil, ...kept } = before;
    const { edit_hide: _, ...fields } = before.fields ?? {};
    const after: Message = {
      ...kept,
      ...(pendingUntil !== undefined && !built.media && { pendingUntil }),
      ...built,
      text: changes.text ?? before.text,
      fields: { ...fields, edit_date: this.#editDate(before), ...built.fields },
    };
    this.store.put(after);
    this.world.record.edited(this, before, after);
    this.step('edit', [id]);
    return after;
  }

  /** Makes the preview of a message's link ready early. */
  previewReady(id: number): void {
    const message = this.store.get(id);
    if (message?.pendingUntil === undefined) throw new Error(`no preview is pending in message ${id} of ${this.title}`);
    const { pendingUntil: _, ...ready } = message;
    this.store.put(ready);
    this.world.record.note(this, 'preview', [id]);
    this.step('preview', [id]);
  }

  /** Deletes a message. */
  deleteMessage(id: number): void {
    this.deleteMessages([id]);
  }

  /** Deletes messages at once: one step of the sequence that counts all of them. */
  deleteMessages(ids: readonly number[], reason: DeletionReason = 'deleted'): void {
    const gone = ids.map((id) => this.existing(id));
    if (gone.length === 0) return;
    for (const it of gone) this.store.delete(it.id);
    this.world.record.deleted(this, gone, reason);
    this.step('delete', ids);
  }

  /** The message with this id. Throws if there is none. */
  existing(id: number): Message {
    const message = this.store.get(id);
    if (!message) throw new Error(`no message ${id} in ${this.title}`);
    return message;
  }

  /** Records a step of the chat's sequence and publishes it. A group that the account is not in has no part in its sequence. */
  step(kind: StepKind, ids: readonly number[]): void {
    if (!this.ownSequence && !this.followed) return;
    this.world.publish(this.log.record(kind, this, ids));
  }

  /**
   * Hides all but the newest messages, and those to come, from histories and searches; all can still be read by id.
   * Call the result to end that.
   */
  hideHead({ newest }: { newest: number }): () => void {
    const before = this.hiddenBelow;
    const below = newest === 0 ? this.store.topId + 1 : (this.store.idAt(this.store.size - newest) ?? 0);
    this.hiddenBelow = below;
    return () => void (this.hiddenBelow === below && (this.hiddenBelow = before));
  }

  /** Skips the next `count` ids, as if messages had been deleted long ago. */
  skipIds(count: number): void {
    this.world.noticeId(this, this.#nextId() + count - 1);
  }

  /** The id that the next message will get. */
  get nextId(): number {
    return this.#nextId();
  }

  #nextId(): number {
    return 1 + (this.ownSequence ? this.lastId : this.world.lastCommonId);
  }

  #nextDate(): number {
    return this.store.size ? this.store.at(this.store.size - 1).date + 60 : this.date + 60;
  }

  /** Never before the message itself, whose date may be ahead of the clock in a world made by hand. */
  #editDate({ date, fields }: Message): number {
    return Math.max(date, this.world.now(), (fields?.['edit_date'] as number | undefined) ?? 0);
  }

  #sender(it: Pick<NewMessage, 'from'>): bigint | undefined {
    if (it.from !== undefined) return whoId(it.from);
    if (this.kind === 'channel') return undefined;
    return this.kind === 'user' ? this.id : this.world.account.userId;
  }
}
