/**
 * layers.ts: the schemas that the server speaks: MTProto's own, and one for each API layer.
 * A client picks its layer with `invokeWithLayer`; a layer that is missing here is refused.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type JsonSchema, textOfJson } from './json-schema.js';
import { Schema } from './schema.js';

const require = createRequire(import.meta.url);
const mtprotoText = textOf('schemaTl');
const apiText = textOf('apiTl');
const baseLayer = Number(/exports\.LAYER = (\d+);/.exec(source('AllTLObjects'))![1]);

/** GramJS's file, read without loading GramJS: a client in this process may have loaded it with another layer. */
function source(name: string): string {
  return readFileSync(require.resolve(`telegram/tl/${name}.js`), 'utf8');
}

function textOf(name: string): string {
  return /module\.exports = `([^`]*)`/.exec(source(name))![1]!;
}

/** The schema of the key exchange and of service messages. */
export const mtproto = new Schema(mtprotoText);

/** API schemas by layer number. */
export class Layers {
  readonly #schemas = new Map<number, Schema>();

  /** @param base the layer in which the world is written, and in which calls are read before a client names one. */
  constructor(
    readonly base: number,
    schema: Schema,
  ) {
    this.#schemas.set(base, schema);
  }

  /** The layer's schema; the package is read only when a client asks for a layer that is not loaded. */
  get(layer: number): Schema | undefined {
    const known = this.#schemas.get(layer);
    if (known) return known;
    const other = packaged();
    return other.layer === layer ? other.schema : undefined;
  }

  /** The newest loaded layer. */
  get newest(): number {
    return Math.max(this.base, packaged().layer);
  }

  /** The schemas of all layers. */
  get all(): Schema[] {
    return [...this.#schemas.values(), packaged().schema];
  }
}

let found: { layer: number; schema: Schema } | undefined;

/** The layer of @mtcute/core. */
function packaged(): { layer: number; schema: Schema } {
  if (!found) {
    const json = require('@mtcute/core/tl/api-schema.json') as JsonSchema;
    found = { layer: json.l, schema: new Schema(textOfJson(json)) };
  }
  return found;
}

/** The layers in the installed packages. */
export function knownLayers(): Layers {
  return new Layers(baseLayer, new Schema(apiText));
}
