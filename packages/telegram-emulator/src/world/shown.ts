/**
 * shown.ts: the last step before an answer is encoded: what the client's layer cannot express is replaced, and what a test
 * marked as newer (newer-things.ts) or as min (min-peers.ts) is put in the form that this client gets.
 * It walks the finished answer, so that no method and no update can be forgotten.
 */
import { objectById } from '../tl/by-id.js';
import type { Schema } from '../tl/schema.js';
import type { TlObject } from '../tl/value.js';
import type { NewerMessage } from './newer-things.js';
import { markedId, markedOf } from './peers.js';
import type { World } from './world.js';

/** The client that gets the answer. */
export interface Reader {
  readonly layer: number;
  readonly schema: Schema;
}

type Show = (it: TlObject, world: World, reader: Reader) => TlObject;

/** An answer in the form that this client gets. */
export function shownTo(world: World, reader: Reader, value: unknown): unknown {
  if (Array.isArray(value)) return changed(value, (it) => shownTo(world, reader, it));
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  const object = world.min.applied(world, value as TlObject);
  const show = SHOWN[object._];
  if (show) return show(object, world, reader);
  let copy: Record<string, unknown> | undefined;
  for (const [field, inner] of Object.entries(object)) {
    const list = UPDATES[object._] === field;
    const after = list
      ? withNewer(world, reader, shownTo(world, reader, inner) as unknown[])
      : shownTo(world, reader, inner);
    if (after !== inner) (copy ??= { ...object })[field] = after;
  }
  return copy ?? object;
}

/** Applies a change to every item; returns the list itself if nothing changed. */
function changed(list: unknown[], change: (it: unknown) => unknown): unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const after = change(list[index]);
    if (after !== list[index]) (copy ??= [...list])[index] = after;
  }
  return copy ?? list;
}

/** Fields that hold updates, to which others can be added. */
const UPDATES: Readonly<Record<string, string>> = {
  updates: 'updates',
  updatesCombined: 'updates',
  'updates.difference': 'other_updates',
  'updates.differenceSlice': 'other_updates',
  'updates.channelDifference': 'other_updates',
};

function withNewer(world: World, { layer }: Reader, list: unknown[]): unknown[] {
  const marks = world.newer.updatesFor(layer);
  if (marks.length === 0) return list;
  const at = (where: 'first' | 'last'): TlObject[] =>
    marks.filter((it) => (it.where ?? 'first') === where).map((it) => objectById(it));
  return [...at('first'), ...list, ...at('last')];
}

const peer =
  (idOf: (id: bigint) => bigint): Show =>
  (it, world, { layer }) => {
    const id = idOf(it['id'] as bigint);
    const mark = world.newer.ofPeer(id, layer);
    if (mark) return objectById(mark);
    if (!it['min']) world.min.givenInFull(id);
    return it;
  };
const user = peer((id) => id);
const group = peer((id) => markedId('group', id));
const channel = peer((id) => markedId('channel', id));

const message: Show = (it, world, { layer, schema }) => {
  const mark = world.newer.ofMessage(markedOf(it['peer_id']) ?? 0n, it['id'] as number, layer);
  if (mark?.as === 'unsupported') return unsupported(it, mark);
  if (mark) return withUnknown(it, mark);
  return isExpressible(schema, it['media']) && isExpressible(schema, it['action']) ? it : unsupported(it);
};

const SHOWN: Readonly<Record<string, Show>> = {
  user,
  userEmpty: user,
  chat: group,
  chatEmpty: group,
  chatForbidden: group,
  channel,
  channelForbidden: channel,
  message,
  messageService: message,
};

/** Whether the layer can express it. An object named by its id counts: it was made for clients that do not know it. */
const isExpressible = (schema: Schema, part: unknown): boolean => {
  const name = (part as TlObject | undefined)?._;
  return name === undefined || name.startsWith('#') || schema.constructors.has(name);
};

/** What servers send for a message that the client's layer cannot express. */
function unsupported(it: TlObject, { text }: NewerMessage = {}): TlObject {
  const { action: _, ...rest } = it;
  return {
    ...rest,
    _: 'message',
    message: text ?? it['message'] ?? '',
    media: { _: 'messageMediaUnsupported' },
  };
}

function withUnknown(it: TlObject, mark: NewerMessage): TlObject {
  const { part = 'media' } = mark;
  return part === 'message' ? objectById(mark) : { ...it, [part]: objectById(mark) };
}
