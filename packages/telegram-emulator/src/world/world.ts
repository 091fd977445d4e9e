/**
 * world.ts: one account and everything it can see: users, chats, files. Tests build it by hand, or the generator fills it.
 * Private chats and basic groups share one sequence of message ids, which is kept here.
 */
import { type Account, makeAccount } from './account.js';
import { AccessHash } from './access-hash.js';
import { type Boxes, makeBoxes } from './boxes.js';
import { Chat, type NewChat } from './chat.js';
import { checkFolder, type NewFolder } from './folder.js';
import { FileReferences } from './file-reference.js';
import { takeInventory, inventoryToJson, type Inventory } from './inventory.js';
import { buildDocument, buildPhoto, type NewDocument, type NewPhoto } from './new-media.js';
import type { DocumentFile, Identity, Media, PhotoFile } from './media-file.js';
import type { ChatKind } from './peers.js';
import { hashText } from './random.js';
import { MinPeers } from './min-peers.js';
import { NewerThings } from './newer-things.js';
import { type LooseEvent, Loose } from './loose.js';
import { WorldRecord } from './record.js';
import { UpdateLog, type UpdateEvent } from './update-log.js';
import { User, type NewUser } from './user.js';
import type { TlObject } from '../tl/value.js';

/** Anything that clients may be told of. */
export type WorldEvent = UpdateEvent | LooseEvent;

/** Options for an empty world. */
export interface WorldOptions extends Partial<Account> {
  readonly seed?: string;
  /** The server's clock, in Unix seconds; by default the machine's. */
  readonly now?: () => number;
  /** Bytes covered by one file hash, by default 128 KiB; it need not divide a part. */
  readonly hashRange?: number;
  /** Seconds until a file reference expires; by default only expireFileReferences() does that. */
  readonly fileReferenceLifetime?: number;
  readonly boxes?: Partial<Boxes>;
  /** When the first chat was created, by default 2024-01-01. */
  readonly startDate?: number;
}

/** What the account is told of chats that it is not in. */
const MEMBERSHIP = new Set(['updateChannel', 'updateChat']);

/** A Telegram as one account sees it. */
export class World {
  readonly account: Account;
  readonly seed: string;
  readonly now: () => number;
  readonly startDate: number;
  readonly references: FileReferences;
  readonly hashRange: number;
  /** How much the server remembers; may be changed at any time. */
  readonly boxes: Boxes;
  /** Channels whose differences also tell what happened in another one, as no server should. */
  readonly misplaced = new Map<Chat, Chat>();
  /** The account's own pts sequence. */
  readonly log = new UpdateLog(() => this.boxes.size);
  /** What happened outside of every pts sequence. */
  readonly loose = new Loose();
  /** What became of every message, to compare an archive with. */
  readonly record = new WorldRecord(this);
  readonly users = new Map<bigint, User>();
  readonly photos = new Map<bigint, PhotoFile>();
  readonly documents = new Map<bigint, DocumentFile>();
  /** What belongs to a layer that clients do not know yet. */
  readonly newer = new NewerThings();
  /** Which peers are shown in their min form. */
  readonly min = new MinPeers();
  /** Highest id in the sequence that private chats and basic groups share. */
  lastCommonId = 0;
  /** The account's chat folders by their ids, in their order. */
  readonly folders = new Map<number, NewFolder>();
  /** Kinds of chats that are muted unless a chat says otherwise. */
  readonly mutedKinds = new Set<'users' | 'chats' | 'broadcasts'>();
  readonly #chats = new Map<bigint, Chat>();
  readonly #listeners = new Set<(event: WorldEvent) => void>();
  #count = 0;

  constructor(options: WorldOptions = {}) {
    this.account = makeAccount(options);
    this.seed = options.seed ?? 'world';
    this.boxes = makeBoxes(options.boxes);
    this.now = options.now ?? (() => Math.floor(Date.now() / 1000));
    this.hashRange = options.hashRange ?? 131_072;
    this.startDate = options.startDate ?? 1_704_067_200;
    this.references = new FileReferences(this.seed, this.now, options.fileReferenceLifetime);
    this.addUser({
      id: this.account.userId,
      firstName: 'Robin',
      lastName: 'Archer',
      phone: this.account.phone.replace('+', ''),
    });
  }

  /** Every chat in the order they were added, including those not in the account's list. */
  get chats(): readonly Chat[] {
    return [...this.#chats.values()];
  }

  /** The chat with this title or marked id. Throws if there is none. */
  chat(title: string | bigint): Chat {
    const found = typeof title === 'bigint' ? this.#chats.get(title) : this.chats.find((it) => it.title === title);
    if (!found) throw new Error(`no chat ${title}`);
    return found;
  }

  /** The chat with this marked id, if any. */
  findChat(id: bigint): Chat | undefined {
    return this.#chats.get(id);
  }

  /** Adds a user and the private chat with them, which is listed once it has a message. */
  addUser(it: NewUser = {}): Chat {
    const id = it.id ?? 1_000_000_000n + this.#next();
    const user = new User(id, this.#hash('user', id), it, id === this.account.userId);
    this.users.set(id, user);
    return this.#add('user', id, { title: user.title }, user);
  }

  /** Adds a basic group. */
  addGroup(it: NewChat): Chat {
    return this.#add('group', it.id ?? 400_000_000n + this.#next(), it);
  }

  /** Adds a supergroup. */
  addSupergroup(it: NewChat): Chat {
    return this.#add('supergroup', it.id ?? 1_500_000_000n + this.#next(), it);
  }

  /** Adds a channel. */
  addChannel(it: NewChat): Chat {
    return this.#add('channel', it.id ?? 1_500_000_000n + this.#next(), it);
  }

  /** Turns a basic group into a supergroup with the same title; both get the service message that says so. */
  migrate(group: Chat, it: Partial<NewChat> = {}): Chat {
    const next = this.addSupergroup({ ...group.options, id: undefined, ...it, title: it.title ?? group.title });
    const last = group.store.size ? group.store.at(group.store.size - 1).date : group.date;
    const date = last + 60;
    next.addMessage({
      id: 1,
      date,
      action: { _: 'messageActionChannelMigrateFrom', title: group.title, chat_id: group.bareId },
    });
    group.migratedTo = next;
    next.migratedFrom = group;
    group.addMessage({ date, action: { _: 'messageActionChatMigrateTo', channel_id: next.bareId } });
    this.record.note(group, 'migrate', []);
    this.announce(next, { _: 'updateChannel', channel_id: next.bareId });
    return next;
  }

  /** Adds a chat folder, or replaces the one of this title, as a client that saves it does. */
  setFolder(it: NewFolder): void {
    checkFolder(it);
    const same = [...this.folders].find(([, { title }]) => title === it.title);
    // 0 and 1 are the list of all chats and the archive.
    this.folders.set(same?.[0] ?? 1 + Math.max(1, ...this.folders.keys()), it);
  }

  /** Removes a chat folder; its chats stay. */
  removeFolder(title: string): void {
    for (const [id, it] of this.folders) if (it.title === title) this.folders.delete(id);
  }

  /** Gives a username to a chat; whoever had it has none any more. undefined: takes it away. */
  rename(chat: Chat, username: string | undefined): void {
    for (const it of this.chats) {
      if (username !== undefined && it.username?.toLowerCase() === username.toLowerCase()) it.username = undefined;
    }
    chat.username = username;
  }

  /** Adds a photo; it can be downloaded once a message carries it. */
  addPhoto(it: NewPhoto = {}): PhotoFile {
    const id = it.id ?? this.#mediaId('photo');
    const photo = buildPhoto(it, {
      id,
      accessHash: this.secret('photo', id),
      ...this.#placeOf(it),
    });
    this.photos.set(id, photo);
    return photo;
  }

  /** Adds a document; it can be downloaded once a message carries it. */
  addDocument(it: NewDocument = {}): DocumentFile {
    const id = it.id ?? this.#mediaId('document');
    const identity = { id, accessHash: this.secret('document', id), ...this.#placeOf(it) };
    const document = buildDocument(it, identity);
    this.documents.set(id, document);
    return document;
  }

  /** Every photo and document, whether a message carries it or not. */
  get files(): Media[] {
    return [...this.photos.values(), ...this.documents.values()];
  }

  /** Expires every file reference given out so far, for these files or for all. */
  expireFileReferences(files?: Iterable<Media>): void {
    this.references.expire(files);
  }

  /**
   * Gives a user, supergroup or channel a new access hash, which every answer contains from now on. Old ones are refused
   * like wrong ones, or with the given error, such as CHANNEL_PRIVATE.
   */
  rotateAccessHash(chat: Chat, refusal?: string): void {
    if (chat.kind === 'group') throw new Error('a basic group has no access hash');
    chat.hash.replace(this.secret(`${chat.kind} ${chat.hash.changes + 1}`, chat.bareId), refusal);
  }

  /**
   * Moves files to another location: with a new access hash, and at another data centre if one is given. Their old
   * locations are refused with LOCATION_NOT_AVAILABLE until the client gets the new one from a message.
   */
  relocateFiles(files: Iterable<Media>, { dc }: { dc?: number } = {}): void {
    for (const file of files) {
      this.references.move(file);
      file.move(this.secret(`${file.kind} moved from ${file.accessHash}`, file.id), dc ?? file.dc);
    }
  }

  /** Everything that a client can read now, which is what a complete archive must contain. */
  inventory(): Promise<Inventory> {
    return takeInventory(this);
  }

  /** The inventory with every bigint as a string. */
  async inventoryJson(): Promise<unknown> {
    return inventoryToJson(await this.inventory());
  }

  /** Calls `listener` for every event from now on; call the result to stop. */
  onUpdate(listener: (event: WorldEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Notifies the listeners. */
  publish(event: WorldEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Publishes an update that is in no pts sequence, but has the next `seq`. */
  announce(chat: Chat, update: TlObject, ids: readonly number[] = []): void {
    if (!chat.followed && !MEMBERSHIP.has(update._)) return;
    this.publish(this.loose.record(chat, update, ids, this.now()));
  }

  /** Publishes an update that is in no sequence at all and never repeated, such as typing. */
  mention(chat: Chat, update: TlObject): void {
    this.publish({ kind: 'loose', chat, ids: [], update, seq: undefined, at: this.now() });
  }

  /** Records that a chat has given out an id. */
  noticeId(chat: Chat, id: number): void {
    if (chat.ownSequence) chat.lastId = Math.max(chat.lastId, id);
    else this.lastCommonId = Math.max(this.lastCommonId, id);
  }

  /** Whether a private chat or basic group has a message with this id. */
  hasCommonId(id: number): boolean {
    return this.chatOfCommonId(id) !== undefined;
  }

  /** The private chat or basic group that contains this id. */
  chatOfCommonId(id: number): Chat | undefined {
    if (id > this.lastCommonId) return undefined;
    for (const chat of this.#chats.values()) if (!chat.ownSequence && chat.store.has(id)) return chat;
    return undefined;
  }

  /** An access hash: different for each kind and id, never zero. */
  secret(kind: string, id: bigint): bigint {
    return BigInt.asIntN(64, hashText(`${this.seed}/${kind}/${id}`) | 1n);
  }

  #hash(kind: ChatKind, id: bigint): AccessHash {
    return new AccessHash(this.secret(kind, id), this.secret(`min ${kind}`, id));
  }

  #add(kind: ChatKind, bareId: bigint, it: NewChat, user?: User): Chat {
    const chat = new Chat(this, kind, bareId, user?.hash ?? this.#hash(kind, bareId), it, user);
    if (this.#chats.has(chat.id)) throw new Error(`chat ${chat.id} exists`);
    this.#chats.set(chat.id, chat);
    return chat;
  }

  #placeOf({ dc = 2, date = this.startDate, cdn }: NewDocument | NewPhoto): Pick<Identity, 'dc' | 'date' | 'cdn'> {
    return { dc, date, cdn };
  }

  #next(): bigint {
    this.#count += 1;
    return BigInt(this.#count);
  }

  #mediaId(kind: string): bigint {
    return (hashText(`${this.seed}/${kind}/${this.#next()}`) >> 2n) | (1n << 61n);
  }
}
