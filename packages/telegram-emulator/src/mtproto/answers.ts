/**
 * answers.ts: the bodies of `rpc_result` and of updates. An answer that does not fit its schema is replaced by an error and logged.
 */
import { gzipSync } from 'node:zlib';
import { type Counting, count } from '../counters.js';
import type { Answer } from '../dispatcher.js';
import { TlError } from '../tl/error.js';
import { mtproto } from '../tl/layers.js';
import type { TlType } from '../tl/schema.js';
import type { TlObject } from '../tl/value.js';
import { TlWriter } from '../tl/writer.js';
import type { Reader } from '../world/shown.js';
import { GZIP, type Unwrapped } from '../unwrap.js';
import { bodyWriter } from './outbox.js';
import { RPC_RESULT } from './service-messages.js';

/** Smaller answers are not worth gzipping; files never are. */
const GZIP_FROM = 1024;
const UPDATES: TlType = { kind: 'boxed', name: 'Updates' };

export class Answers {
  constructor(
    private readonly counting: Counting,
    private readonly log: (line: string) => void,
    private readonly shown: (reader: Reader, value: unknown) => unknown,
  ) {}

  /** Encodes an answer in the layer of its call; a call that could not be decoded only gets errors. */
  encode(msgId: bigint, call: Unwrapped | undefined, answer: Answer): TlWriter {
    if (answer.kind === 'error') return this.#error(msgId, answer.code, answer.message);
    try {
      const { schema, layer } = call!;
      return encodeResult(
        msgId,
        call!,
        layer === undefined ? answer.value : this.shown({ schema, layer }, answer.value),
      );
    } catch (error) {
      if (!(error instanceof TlError)) throw error;
      const problem = `${call!.definition.name}: ${error.message}`;
      count(this.counting.now.encodeErrors, problem);
      this.log(`cannot encode the answer to ${problem}`);
      return this.#error(msgId, 500, `ENCODE_ERROR: ${problem}`);
    }
  }

  /** Encodes updates in a client's layer; undefined if they do not fit it. */
  encodeUpdates(reader: Reader, updates: TlObject): TlWriter | undefined {
    try {
      const shown = this.shown(reader, updates);
      return packed(bodyWriter(), new TlWriter().value(reader.schema, UPDATES, shown).written);
    } catch (error) {
      if (!(error instanceof TlError)) throw error;
      count(this.counting.now.encodeErrors, `updates: ${error.message}`);
      this.log(`cannot encode updates: ${error.message}`);
      return undefined;
    }
  }

  #error(msgId: bigint, code: number, message: string): TlWriter {
    count(this.counting.now.errors, message);
    const error = { _: 'rpc_error', error_code: code, error_message: message };
    return bodyWriter(128).id(RPC_RESULT).long(msgId).object(mtproto, error);
  }
}

function encodeResult(msgId: bigint, { definition, schema }: Unwrapped, value: unknown): TlWriter {
  if (definition.name.startsWith('upload.')) {
    const bytes = (value as TlObject)['bytes'] as Uint8Array | undefined;
    const body = bodyWriter((bytes?.length ?? 1024) + 128);
    return body.id(RPC_RESULT).long(msgId).value(schema, definition.result, value);
  }
  const body = bodyWriter().id(RPC_RESULT).long(msgId);
  return packed(body, new TlWriter().value(schema, definition.result, value).written);
}

/** Adds an object to a body, gzipped if that makes it shorter. */
function packed(body: TlWriter, plain: Buffer): TlWriter {
  if (plain.length < GZIP_FROM) return body.raw(plain);
  const zipped = gzipSync(plain, { level: 1 });
  return zipped.length < plain.length ? body.id(GZIP).bytes(zipped) : body.raw(plain);
}
