/**
 * unwrap.ts: strips `invokeWithLayer`, `initConnection`, `invokeAfterMsg` and similar wrappers off a call. Pure.
 * The layer that a wrapper names applies to what is inside it.
 */
import { unzipSync } from 'node:zlib';
import { RpcError } from './service.js';
import { TlError } from './tl/error.js';
import type { Layers } from './tl/layers.js';
import { TlReader } from './tl/reader.js';
import type { Definition, Schema } from './tl/schema.js';
import type { TlObject } from './tl/value.js';

export const GZIP = 0x3072cfa1;
/** The largest object that gzip may expand to, in bytes. */
const UNZIPPED_LIMIT = 1 << 24;

/** A call without its wrappers, and what they said. */
export interface Unwrapped {
  readonly definition: Definition;
  readonly query: TlObject;
  readonly schema: Schema;
  /** Undefined if neither this call nor an earlier one on the key named a layer. */
  readonly layer: number | undefined;
  /** The fields of `initConnection`, if it was there. */
  readonly init: TlObject | undefined;
  /** Messages that must succeed first, from `invokeAfterMsg` and `invokeAfterMsgs`. */
  readonly after: readonly bigint[];
  readonly takeoutId: bigint | undefined;
  /** Whether it was wrapped in `invokeWithoutUpdates`. */
  readonly withoutUpdates: boolean;
}

/** A method that the layer's schema lacks; it is reported by its constructor id. */
export class UnknownMethod extends Error {
  constructor(readonly id: number) {
    super(`0x${id.toString(16).padStart(8, '0')}`);
  }
}

/** Unpacks `gzip_packed`; some clients pack it with zlib's header instead of gzip's. */
export function gunzip(packed: Uint8Array): Buffer {
  try {
    return unzipSync(packed, { maxOutputLength: UNZIPPED_LIMIT });
  } catch (error) {
    throw new TlError(`gzip_packed: ${(error as Error).message}`);
  }
}

/** Decodes a call. `keyLayer` is the layer that the key's client named last. */
export function unwrap(body: Buffer, layers: Layers, keyLayer: number | undefined): Unwrapped {
  let reader = new TlReader(body);
  let layer = keyLayer;
  let schema = (layers.get(layer ?? layers.base) ?? layers.get(layers.base))!;
  let init: TlObject | undefined;
  let takeoutId: bigint | undefined;
  let withoutUpdates = false;
  const after: bigint[] = [];
  for (;;) {
    const id = reader.id();
    if (id === GZIP) {
      reader = new TlReader(gunzip(reader.bytes()));
      continue;
    }
    const definition = schema.byId.get(id);
    if (!definition?.isFunction) throw new UnknownMethod(id);
    const last = definition.params.at(-1);
    if (last?.name !== 'query' || last.type.kind !== 'any') {
      const query = reader.fields(schema, definition);
      if (reader.left > 0) throw new TlError(`${definition.name}: ${reader.left} bytes too many`);
      return { definition, query, schema, layer, init, after, takeoutId, withoutUpdates };
    }
    const wrapper = reader.fields(schema, { ...definition, params: definition.params.slice(0, -1) });
    switch (wrapper._) {
      case 'invokeWithLayer': {
        const wanted = layers.get(wrapper['layer'] as number);
        if (!wanted) throw new RpcError(400, 'CONNECTION_LAYER_INVALID');
        schema = wanted;
        layer = wrapper['layer'] as number;
        break;
      }
      case 'initConnection':
        init = wrapper;
        break;
      case 'invokeAfterMsg':
        after.push(wrapper['msg_id'] as bigint);
        break;
      case 'invokeAfterMsgs':
        after.push(...(wrapper['msg_ids'] as bigint[]));
        break;
      case 'invokeWithTakeout':
        takeoutId = wrapper['takeout_id'] as bigint;
        break;
      case 'invokeWithoutUpdates':
        withoutUpdates = true;
        break;
      default:
        throw new UnknownMethod(id);
    }
  }
}
