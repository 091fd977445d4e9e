/**
 * pool.ts: this process' file connections to one data centre. They carry only upload.*. The whole fleet shares their number (one slot in
 * Postgres each), and idle ones are closed.
 */
import type { Logger } from '../../app/index.js';
import { freeSlot, takeSlot } from '../../db/file-slots.js';
import type { Db } from '../../db/handle.js';
import { ConnectionLostError } from '../../errors/index.js';
import type { TelegramConnection } from '../wire/connection.js';
import { FloodWaitError } from '../wire/errors.js';
import { type DownloadLimits, type Reader, Turns } from './turns.js';
import { Window } from './window.js';

/** Calls in flight on one connection: enough to hide latency, few enough to share it fairly. */
const callsPerConnection = 4;
const idleMs = 30_000;
const slotPollMs = 1000;

interface Member {
  connection: TelegramConnection;
  slot: number;
  calls: number;
  lastUsed: number;
  /** Beyond our share: it takes no new calls, and is closed after its last one. */
  leaving: boolean;
}

export interface PoolDeps {
  db: Db;
  log: Logger;
  holder: string;
  /** How many connections the whole fleet may have, and this process' share. */
  maxConnections: () => number;
  share: () => number;
  limits: () => DownloadLimits;
  open: () => Promise<TelegramConnection>;
}

/** A caller that waits for its turn and a connection with capacity. */
interface Waiter {
  reader: Reader;
  wake: () => void;
  fail: (error: unknown) => void;
}

export class FilePool {
  private readonly members = new Set<Member>();
  private waiters: Waiter[] = [];
  private opening = false;
  private closed = false;
  private readonly turns: Turns;
  private readonly window: Window;

  constructor(
    private readonly dcId: number,
    private readonly deps: PoolDeps,
  ) {
    this.turns = new Turns(deps.limits);
    this.window = new Window(() => deps.share() * callsPerConnection);
  }

  /** Runs a call for `reader` on a connection with capacity, opening one if the budget allows it. */
  async with<T>(reader: Reader, call: (connection: TelegramConnection) => Promise<T>, signal: AbortSignal): Promise<T> {
    const member = await this.acquire(reader, signal);
    const isFull = this.turns.count >= this.window.limit;
    const began = performance.now();
    try {
      const answer = await call(member.connection);
      this.window.answered(performance.now(), performance.now() - began, isFull);
      return answer;
    } catch (error) {
      if (error instanceof FloodWaitError || error instanceof ConnectionLostError)
        this.window.refused(performance.now());
      throw error;
    } finally {
      this.turns.end(reader);
      member.calls--;
      member.lastUsed = performance.now();
      if (!member.connection.isOpen || (member.leaving && member.calls === 0)) await this.drop(member);
      this.wakeAll();
    }
  }

  /** How many connections are open. */
  get size(): number {
    return this.members.size;
  }

  /** Closes idle connections and, if others are waiting, all that can be spared beyond our share. */
  async closeSpare(): Promise<void> {
    const excess = this.members.size - this.deps.share();
    for (const member of [...this.members].slice(0, Math.max(0, excess))) member.leaving = true;
    const idle = [...this.members].filter(
      (it) => it.calls === 0 && (it.leaving || performance.now() - it.lastUsed > idleMs),
    );
    for (const member of idle) await this.drop(member);
  }

  /** The slots of its connections. */
  get slots(): number[] {
    return [...this.members].map((it) => it.slot);
  }

  /** Closes the connections of the given slots, which others may hold now. */
  async closeSlots(slots: readonly number[]): Promise<void> {
    for (const member of [...this.members].filter((it) => slots.includes(it.slot))) await this.drop(member);
  }

  async closeAll(): Promise<void> {
    for (const member of this.members) await this.drop(member);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wakeAll();
    await this.closeAll();
  }

  private async acquire(reader: Reader, signal: AbortSignal): Promise<Member> {
    for (;;) {
      signal.throwIfAborted();
      if (this.closed) throw new Error('the file connections are closed');
      await this.dropBroken();
      if (this.turns.count < this.window.limit && this.turns.mayBegin(reader)) {
        const free = this.leastBusy();
        if (free) {
          free.calls++;
          this.turns.begin(reader);
          return free;
        }
        if (!this.opening && this.members.size < this.deps.share()) void this.openOne();
      }
      await this.changed(reader, signal);
    }
  }

  /** A connection that broke while idle would otherwise occupy its slot for ever. */
  private async dropBroken(): Promise<void> {
    const broken = [...this.members].filter((it) => it.calls === 0 && !it.connection.isOpen);
    for (const member of broken) await this.drop(member);
  }

  private leastBusy(): Member | undefined {
    const free = [...this.members].filter((it) => it.connection.isOpen && !it.leaving && it.calls < callsPerConnection);
    return free.sort((a, b) => a.calls - b.calls)[0];
  }

  private async openOne(): Promise<void> {
    const { db, holder, log, maxConnections } = this.deps;
    this.opening = true;
    let slot: number | undefined;
    try {
      slot = await takeSlot(db, this.dcId, maxConnections(), holder);
      if (slot === undefined) {
        log.debug({ dc: this.dcId }, 'all file connections of the account are in use');
        this.opening = false;
        setTimeout(() => this.wakeAll(), slotPollMs);
        return;
      }
      const connection = await this.deps.open();
      this.members.add({ connection, slot, calls: 0, lastUsed: performance.now(), leaving: false });
    } catch (error) {
      if (slot !== undefined) await freeSlot(db, this.dcId, slot, holder).catch(() => {});
      this.opening = false;
      // One waiting caller gets the error, and the others try again: later callers have nothing to do with it.
      if (this.members.size === 0) this.waiters.shift()?.fail(error);
      return this.wakeAll();
    }
    this.opening = false;
    this.wakeAll();
  }

  private async drop(member: Member): Promise<void> {
    if (!this.members.delete(member)) return;
    await member.connection.close();
    await freeSlot(this.deps.db, this.dcId, member.slot, this.deps.holder).catch(() => {});
  }

  private async changed(reader: Reader, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        reader,
        wake: () => end(resolve),
        fail: (error) => end(() => reject(error)),
      };
      const aborted = () => {
        this.waiters = this.waiters.filter((it) => it !== waiter);
        waiter.wake();
      };
      const end = (settle: () => void) => {
        signal.removeEventListener('abort', aborted);
        settle();
      };
      this.waiters.push(waiter);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  private wakeAll(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const { wake } of this.turns.inOrder(waiters)) wake();
  }
}
