/**
 * raw-client.ts: an MTProto client for the emulator's own tests that can break every rule on purpose.
 * It shares the schema and the envelope with the server; the key exchange and the session are written independently.
 */
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { type Socket, connect } from 'node:net';
import { HEADER, open, seal } from './crypto/message-key.js';
import { liveAddress } from './data-centres.js';
import { exchangeKey } from './raw-key-exchange.js';
import { ClientObfuscation } from './raw-obfuscation.js';
import type { Emulator } from './server.js';
import { TlError } from './tl/error.js';
import { mtproto, knownLayers } from './tl/layers.js';
import { TlReader } from './tl/reader.js';
import type { Definition, Schema } from './tl/schema.js';
import type { TlObject } from './tl/value.js';
import { TlWriter } from './tl/writer.js';
import { AbridgedCodec } from './transport/abridged.js';
import type { Codec } from './transport/codec.js';
import { FullCodec } from './transport/full.js';
import { IntermediateCodec } from './transport/intermediate.js';
import { PaddedIntermediateCodec } from './transport/padded-intermediate.js';
import { GZIP, gunzip } from './unwrap.js';

const layers = knownLayers();
const CONTAINER = 0x73f1f8dc;
const RPC_RESULT = 0xf35c6d01;

const TRANSPORTS = {
  full: { codec: FullCodec, tag: Buffer.alloc(0) },
  abridged: { codec: AbridgedCodec, tag: Buffer.from([0xef]) },
  intermediate: { codec: IntermediateCodec, tag: Buffer.alloc(4, 0xee) },
  'padded intermediate': { codec: PaddedIntermediateCodec, tag: Buffer.alloc(4, 0xdd) },
};

/** A key with its salt: what a client keeps across connections. */
export interface ClientKey {
  readonly value: Buffer;
  readonly id: Buffer;
  salt: bigint;
}

/** A message from the server; `object` is an rpc_result's result or the message itself. */
export interface Arrived {
  readonly msgId: bigint;
  readonly seqNo: number;
  readonly reqMsgId: bigint | undefined;
  readonly object: unknown;
  /** The id of the container it came in. */
  readonly container: bigint | undefined;
}

/** Where to connect. */
export interface Where {
  readonly dc?: number;
  readonly mediaOnly?: boolean;
  /** A specific address, instead of the first live one. */
  readonly at?: { readonly host: string; readonly port: number };
  readonly transport?: Codec['name'];
  readonly obfuscated?: boolean;
  /** The RSA key to trust, by default the server's own. */
  readonly publicKey?: string;
  /** The layer to use; by default the world's. */
  readonly layer?: number;
}

let lastTime = 0n;

export class RawClient {
  sessionId = randomBytes(8).readBigInt64LE(0);
  contentSent = 0;
  key: ClientKey | undefined;
  /** Whether the server knows this key's layer. */
  initialised = false;
  /** Messages that arrived and were not awaited. */
  readonly arrived: Arrived[] = [];
  /** The transport error that preceded the end, or undefined. */
  readonly ended: Promise<number | undefined>;
  readonly #waiting: { wants: (it: Arrived) => boolean; resolve: (it: Arrived) => void }[] = [];
  readonly #plain: ((payload: Buffer) => void)[] = [];
  readonly #calls = new Map<bigint, Definition>();
  readonly #api: Schema;
  #transportError: number | undefined;
  #pending = Buffer.alloc(0);

  private constructor(
    readonly socket: Socket,
    private readonly codec: Codec,
    readonly dc: number,
    private readonly publicKey: string,
    private readonly layer: number,
    private readonly obfuscation?: ClientObfuscation,
  ) {
    this.#api = layers.get(layer)!;
    socket.on('data', (chunk) => this.#receive(chunk));
    this.ended = new Promise((resolve) => socket.on('close', () => resolve(this.#transportError)));
  }

  static async connect(emulator: Emulator, where: Where = {}): Promise<RawClient> {
    const { dc = 2, mediaOnly = false, transport = 'full' } = where;
    const { host, port } = where.at ?? liveAddress(emulator.addresses, dc, mediaOnly);
    const socket = connect(port, host);
    await once(socket, 'connect');
    const { codec, tag } = TRANSPORTS[transport];
    const obfuscation = where.obfuscated ? new ClientObfuscation(tag) : undefined;
    socket.write(obfuscation?.init ?? tag);
    const { publicKey = emulator.server.public_key, layer = layers.base } = where;
    return new RawClient(socket, new codec(), dc, publicKey, layer, obfuscation);
  }

  /** Connects with a fresh key, or with one from another connection. */
  static async withKey(emulator: Emulator, where: Where = {}, key?: ClientKey): Promise<RawClient> {
    const client = await RawClient.connect(emulator, where);
    client.key = key ?? (await exchangeKey(client, client.publicKey, client.dc));
    return client;
  }

  close(): void {
    this.socket.destroy();
  }

  sendPacket(...parts: Buffer[]): void {
    const packet = Buffer.concat(this.codec.encode(parts));
    this.socket.write(this.obfuscation?.encrypt(packet) ?? packet);
  }

  /** Sends an unencrypted query and reads the answer. */
  async plain(query: TlObject): Promise<TlObject> {
    const body = new TlWriter().object(mtproto, query).written;
    this.sendPacket(new TlWriter().long(0n).long(this.msgId()).int(body.length).written, body);
    const payload = await Promise.race([
      new Promise<Buffer>((resolve) => this.#plain.push(resolve)),
      this.ended.then((code) => Promise.reject(new Error(`transport error ${code}`))),
    ]);
    return new TlReader(payload.subarray(20), true).object(mtproto);
  }

  /** A message id for now, or for some seconds before or after. */
  msgId(shiftSeconds = 0): bigint {
    const ms = Date.now();
    const time = (BigInt(Math.floor(ms / 1000)) << 32n) | (BigInt((ms % 1000) * 4_000_000) & ~3n);
    lastTime = time > lastTime ? time : lastTime + 4n;
    return lastTime + (BigInt(shiftSeconds) << 32n);
  }

  seqNo(content: boolean): number {
    return this.contentSent * 2 + (content ? (this.contentSent++, 1) : 0);
  }

  /** Encrypts and sends a message exactly as given. */
  sendMessage(
    body: Buffer,
    options: { msgId?: bigint; seqNo?: number; salt?: bigint; content?: boolean } = {},
  ): bigint {
    const { msgId = this.msgId(), content = true, seqNo = this.seqNo(content), salt = this.key!.salt } = options;
    const plain = Buffer.alloc(HEADER + body.length + 28);
    plain.writeBigInt64LE(salt, 0);
    plain.writeBigInt64LE(this.sessionId, 8);
    plain.writeBigInt64LE(msgId, 16);
    plain.writeInt32LE(seqNo, 24);
    plain.writeInt32LE(body.length, 28);
    body.copy(plain, HEADER);
    this.sendPacket(...seal(this.key!.value, this.key!.id, plain, HEADER + body.length, 'client'));
    return msgId;
  }

  /** Sends a service message. */
  service(message: TlObject, options: { msgId?: bigint; seqNo?: number; content?: boolean } = {}): bigint {
    return this.sendMessage(new TlWriter().object(mtproto, message).written, { content: false, ...options });
  }

  /** The bytes of a call; the first one on a key names the layer. */
  callBody(query: TlObject, more: Record<string, unknown> = {}): Buffer {
    if (this.initialised) return new TlWriter().object(this.#api, query).written;
    const app = { api_id: 1, device_model: 'raw', system_version: '1', app_version: '1' };
    const language = { system_lang_code: 'en', lang_pack: '', lang_code: 'en' };
    const init = { _: 'initConnection', ...app, ...language, ...more, query };
    return new TlWriter().object(this.#api, { _: 'invokeWithLayer', layer: this.layer, query: init }).written;
  }

  /** Sends a call without waiting for the answer. */
  send(query: TlObject, options: { msgId?: bigint; seqNo?: number; salt?: bigint } = {}): bigint {
    const msgId = this.sendMessage(this.callBody(query), options);
    this.expect(msgId, query);
    this.initialised = true;
    return msgId;
  }

  /** Records which method a message id belongs to, so that its answer can be decoded. */
  expect(msgId: bigint, query: TlObject): void {
    let inner = query;
    while (inner['query']) inner = inner['query'] as TlObject;
    this.#calls.set(msgId, this.#api.functions.get(inner._)!);
  }

  /** The answer to a message. */
  async answer(msgId: bigint): Promise<unknown> {
    return (await this.next((it) => it.reqMsgId === msgId)).object;
  }

  /** Calls a method as a well-behaved client does: corrects a wrong salt. */
  async call(query: TlObject): Promise<TlObject> {
    const msgId = this.send(query);
    const first = await this.next((it) => it.reqMsgId === msgId || (it.object as TlObject)?.['bad_msg_id'] === msgId);
    const object = first.object as TlObject;
    if (object?._ !== 'bad_server_salt') return object;
    this.key!.salt = object['new_server_salt'] as bigint;
    this.initialised = false;
    return this.call(query);
  }

  /** The first message that matches, past or future. */
  next(wants: (it: Arrived) => boolean): Promise<Arrived> {
    const index = this.arrived.findIndex(wants);
    if (index >= 0) return Promise.resolve(this.arrived.splice(index, 1)[0]!);
    const found = new Promise<Arrived>((resolve) => this.#waiting.push({ wants, resolve }));
    return Promise.race([found, this.ended.then((code) => Promise.reject(new Error(`transport error ${code}`)))]);
  }

  /** The first service message of this name. */
  async nextNamed(name: string): Promise<TlObject & { readonly _: string }> {
    return (await this.next((it) => (it.object as TlObject)?._ === name)).object as TlObject;
  }

  #receive(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#pending, this.obfuscation?.decrypt(chunk) ?? chunk]);
    let at = 0;
    for (let packet; (packet = this.codec.decode(bytes, at)); at = packet.end) this.#packet(packet.payload);
    this.#pending = bytes.subarray(at);
  }

  #packet(payload: Buffer): void {
    if (payload.length === 4) this.#transportError = payload.readInt32LE(0);
    else if (payload.readBigInt64LE(0) === 0n) this.#plain.shift()?.(Buffer.from(payload));
    else {
      const plain = open(this.key!.value, payload.subarray(8), 'server')!;
      const length = plain.readInt32LE(28);
      this.#message(plain.readBigInt64LE(16), plain.readInt32LE(24), plain.subarray(HEADER, HEADER + length));
    }
  }

  #message(msgId: bigint, seqNo: number, body: Buffer, container?: bigint): void {
    const reader = new TlReader(body);
    const id = reader.id();
    if (id === CONTAINER) {
      for (let left = reader.int(); left > 0; left--) {
        const [innerId, innerSeqNo] = [reader.long(), reader.int()];
        this.#message(innerId, innerSeqNo, reader.take(reader.int()), msgId);
      }
      return;
    }
    const reqMsgId = id === RPC_RESULT ? reader.long() : undefined;
    const object = reqMsgId === undefined ? this.#unsolicited(body) : this.#result(reqMsgId, reader);
    const message = { msgId, seqNo, reqMsgId, object, container };
    const waiting = this.#waiting.findIndex((it) => it.wants(message));
    if (waiting >= 0) this.#waiting.splice(waiting, 1)[0]!.resolve(message);
    else this.arrived.push(message);
  }

  #result(reqMsgId: bigint, reader: TlReader): unknown {
    const body = reader.take(reader.left);
    const id = body.readUInt32LE(0);
    if (id === GZIP) return this.#result(reqMsgId, new TlReader(gunzip(new TlReader(body.subarray(4)).bytes())));
    if (mtproto.byId.has(id)) return new TlReader(body).object(mtproto);
    return readable(() => new TlReader(body).value(this.#api, this.#calls.get(reqMsgId)!.result));
  }

  /** A message that answers no call: a service message, or updates. */
  #unsolicited(body: Buffer): TlObject {
    const id = body.readUInt32LE(0);
    if (id === GZIP) return this.#unsolicited(gunzip(new TlReader(body.subarray(4)).bytes()));
    if (mtproto.byId.has(id)) return new TlReader(body, true).object(mtproto);
    return readable(() => new TlReader(body).object(this.#api)) as TlObject;
  }
}

/** The result of `read`, or an `unreadable` object with the problem. */
function readable(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof TlError) return { _: 'unreadable', problem: error.message };
    throw error;
  }
}

/** Packs messages into a container's body. */
export function container(messages: readonly { msgId: bigint; seqNo: number; body: Buffer }[]): Buffer {
  const writer = new TlWriter().id(CONTAINER).int(messages.length);
  for (const { msgId, seqNo, body } of messages) writer.long(msgId).int(seqNo).int(body.length).raw(body);
  return writer.written;
}
