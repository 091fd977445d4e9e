/**
 * direct-client.ts: calls a world's services directly, without a network, for tests.
 * Every answer is encoded and decoded again, and a field that the layer does not know is an error here.
 */
import { CdnFiles } from '../cdn-files.js';
import type { Call } from '../service.js';
import { channelsService } from '../services/channels.js';
import { dialogsService } from '../services/dialogs.js';
import { messageStatesService } from '../services/message-states.js';
import { messagesService } from '../services/messages.js';
import { updatesService } from '../services/updates.js';
import { uploadService } from '../services/upload.js';
import { usersService } from '../services/users.js';
import { knownLayers } from '../tl/layers.js';
import { TlReader } from '../tl/reader.js';
import type { Schema } from '../tl/schema.js';
import type { TlObject } from '../tl/value.js';
import { TlWriter } from '../tl/writer.js';
import { shownTo } from './shown.js';
import type { World } from './world.js';

const layers = knownLayers();

/** A value in one form, decoded or not: strings decoded, bytes as hex, absent and false flags left out. */
function normal(value: unknown): unknown {
  if (value instanceof Uint8Array) return `hex:${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('utf8');
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== false);
  return Object.fromEntries(entries.map(([field, inner]) => [field, normal(inner)]).sort());
}

/** Whether a field exists for clients of other layers. */
const isOfAnotherLayer = (schema: Schema, { _ }: TlObject, field: string): boolean =>
  !schema.constructors.get(_)?.params.some((it) => it.name === field) &&
  layers.all.some((it) => it.constructors.get(_)?.params.some(({ name }) => name === field));

/** The path where two values differ, or undefined. Bytes sent as a string come back as a string. */
function difference(schema: Schema, sent: unknown, got: unknown, path: string): string | undefined {
  if (typeof sent === 'string' && typeof got === 'string') {
    const text = sent.startsWith('hex:') ? Buffer.from(sent.slice(4), 'hex').toString('utf8') : sent;
    return sent === got || text === got ? undefined : path;
  }
  if (typeof sent !== 'object' || typeof got !== 'object' || !sent || !got) return sent === got ? undefined : path;
  for (const field of new Set([...Object.keys(sent), ...Object.keys(got)])) {
    if (!(field in got) && isOfAnotherLayer(schema, sent as TlObject, field)) continue;
    const inner = difference(schema, (sent as TlObject)[field], (got as TlObject)[field], `${path}.${field}`);
    if (inner) return inner;
  }
  return undefined;
}

/** Encodes and decodes an object as the result of `method`. */
function overTheWire(schema: Schema, layer: number, method: string, answer: unknown): unknown {
  const type = schema.functions.get(method)?.result;
  if (!type) throw new Error(`no method ${method} in layer ${layer}`);
  const bytes = new TlWriter().value(schema, type, answer).written;
  const reader = new TlReader(bytes);
  const decoded = reader.value(schema, type);
  const lost = difference(schema, normal(answer), normal(decoded), method);
  if (lost ?? reader.left) throw new Error(`lost on the wire: ${lost ?? `${reader.left} bytes`}`);
  return decoded;
}

/** Calls a method as a test; absent vectors and numbers are not filled in. */
export type Ask = (method: string, query?: Record<string, unknown>, call?: Partial<Call>) => TlObject;

/** A client logged in to the world's account; throws what the server would answer as an error. */
export function directClient(world: World, layer = layers.base): Ask {
  const schema = layers.get(layer);
  if (!schema) throw new Error(`no layer ${layer}`);
  const services = {
    ...channelsService(world),
    ...dialogsService(world),
    ...messageStatesService(world),
    ...messagesService(world),
    ...updatesService(world),
    ...uploadService(world, new CdnFiles()),
    ...usersService(world),
  };
  const { userId, homeDc } = world.account;
  return (method, query = {}, call = {}) => {
    const handler = services[method];
    if (!handler) throw new Error(`no handler for ${method}`);
    const login = { userId, homeDc };
    const answer = handler({ query: { _: method, ...query }, layer, dc: homeDc, mediaOnly: false, login, ...call });
    return overTheWire(schema, layer, method, shownTo(world, { layer, schema }, answer)) as TlObject;
  };
}

/** The `InputPeer` of a chat, with its current access hash. */
export function inputPeer(world: World, id: bigint): TlObject {
  const { kind, bareId, accessHash } = world.chat(id);
  if (kind === 'user') return { _: 'inputPeerUser', user_id: bareId, access_hash: accessHash };
  if (kind === 'group') return { _: 'inputPeerChat', chat_id: bareId };
  return { _: 'inputPeerChannel', channel_id: bareId, access_hash: accessHash };
}

/** The `InputChannel` of a supergroup or channel. */
export function inputChannel(world: World, id: bigint): TlObject {
  const { bareId, accessHash } = world.chat(id);
  return { _: 'inputChannel', channel_id: bareId, access_hash: accessHash };
}
