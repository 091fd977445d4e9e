/**
 * message-store.ts: the messages of one chat, by id. Counting and paging touch only sorted ids, never a message, and
 * messages of bulk ranges are made when read, so a million of them cost only their ids.
 */
import type { Message } from './message.js';

interface LazyRange {
  readonly from: number;
  readonly to: number;
  readonly make: (id: number) => Message;
}

/** Sorted ids, stored messages, and ranges made on demand. */
export class MessageStore {
  readonly #ids: number[] = [];
  readonly #kept = new Map<number, Message>();
  readonly #lazy: LazyRange[] = [];

  /** How many messages there are. */
  get size(): number {
    return this.#ids.length;
  }

  /** The highest id, 0 when empty. */
  get topId(): number {
    return this.#ids.at(-1) ?? 0;
  }

  has(id: number): boolean {
    return this.#ids[this.#lowerBound(id)] === id;
  }

  get(id: number): Message | undefined {
    const kept = this.#kept.get(id);
    if (kept) return kept;
    if (!this.has(id)) return undefined;
    return this.#lazy.find((it) => it.from <= id && id <= it.to)?.make(id);
  }

  /** The message at a position counted from the oldest. */
  at(index: number): Message {
    const message = this.get(this.#ids[index] ?? 0);
    if (!message) throw new Error(`no message at position ${index}`);
    return message;
  }

  /** The id at a position counted from the oldest. */
  idAt(index: number): number | undefined {
    return this.#ids[index];
  }

  /** How many messages have this id or a higher one: the position of `offset_id`, counted from the newest. */
  countFrom(id: number): number {
    return this.#ids.length - this.#lowerBound(id);
  }

  /** How many messages are from this second or later. Dates increase with ids, as on the server. */
  countSince(date: number): number {
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle).date < date) low = middle + 1;
      else high = middle;
    }
    return this.#ids.length - low;
  }

  /** Adds a message, or replaces the one with its id. */
  put(message: Message): void {
    const position = this.#lowerBound(message.id);
    if (this.#ids[position] !== message.id) this.#ids.splice(position, 0, message.id);
    this.#kept.set(message.id, message);
  }

  /** Adds ids above the top, whose messages `make` returns on every read; it must be pure. */
  putLazy(ids: readonly number[], make: (id: number) => Message): void {
    const first = ids[0];
    const last = ids.at(-1);
    if (first === undefined || last === undefined) return;
    if (first <= this.topId) throw new Error(`lazy messages start at ${first}, not above ${this.topId}`);
    for (const id of ids) this.#ids.push(id);
    this.#lazy.push({ from: first, to: last, make });
  }

  delete(id: number): boolean {
    const position = this.#lowerBound(id);
    if (this.#ids[position] !== id) return false;
    this.#ids.splice(position, 1);
    this.#kept.delete(id);
    return true;
  }

  /** The stored messages in the order they were added, without those made on demand. */
  get kept(): Iterable<Message> {
    return this.#kept.values();
  }

  /** From the oldest to the newest. */
  *[Symbol.iterator](): Generator<Message> {
    for (let index = 0; index < this.#ids.length; index += 1) yield this.at(index);
  }

  #lowerBound(id: number): number {
    let low = 0;
    let high = this.#ids.length;
    if (id > (this.#ids[high - 1] ?? 0)) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ids[middle] ?? 0) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
