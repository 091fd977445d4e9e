/**
 * layers.ts: the schemas that the server speaks: MTProto's own, and one for each API layer.
 * A client picks its layer with `invokeWithLayer`; there is no guessing: a layer that is not here is refused.
 */
import { createRequire } from 'node:module';
import { type JsonSchema, textOfJson } from './json-schema.js';
import { Schema } from './schema.js';

const require = createRequire(import.meta.url);
const mtprotoText = require('telegram/tl/schemaTl.js') as string;
const apiText = require('telegram/tl/apiTl.js') as string;
const { LAYER } = require('telegram/tl/AllTLObjects.js') as { LAYER: number };

/** The schema of the key exchange and of service messages. */
export const mtproto = new Schema(mtprotoText);

/** API schemas by layer number. */
export class Layers {
  readonly #schemas = new Map<number, Schema>();

  /** @param base the layer in which the world is written, and calls are read before a client has named one. */
  constructor(
    readonly base: number,
    schema: Schema,
  ) {
    this.#schemas.set(base, schema);
  }

  /** The layer's schema; a package is looked at when a client asks for a layer that is not known yet. */
  get(layer: number): Schema | undefined {
    const known = this.#schemas.get(layer);
    if (known) return known;
    const other = packaged();
    return other?.layer === layer ? other.schema : undefined;
  }

  /** The schemas beside that of the base layer. */
  get others(): Schema[] {
    const other = packaged();
    return other ? [other.schema] : [];
  }
}

let found: { layer: number; schema: Schema } | null | undefined;

/** The layer of @mtcute/core, where it is installed: it is not needed for anything else. */
function packaged(): { layer: number; schema: Schema } | undefined {
  if (found === undefined) {
    try {
      const json = require('@mtcute/core/tl/api-schema.json') as JsonSchema;
      found = { layer: json.l, schema: new Schema(textOfJson(json)) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
      found = null;
    }
  }
  return found ?? undefined;
}

/** The layers that come with the packages at hand. */
export function knownLayers(): Layers {
  return new Layers(LAYER, new Schema(apiText));
}
