/**
 * layer.ts: the Telegram API layer that this process uses. GramJS builds its classes from a schema text when it is loaded; its own ends
 * at layer 198, so it is replaced with a newer text first. `tg.layer` in config.json switches back.
 */
import { createRequire } from 'node:module';
import { type Config, layerSetting } from '../../config/index.js';
import { PersonError } from '../../errors/index.js';
import { newestLayer, newestText } from './generated/api.js';

const require = createRequire(import.meta.url);

/** GramJS's own layer. */
const stockLayer = 198;

/** Announced on every connection, and recorded with every stored message. */
export const layer: number = layerSetting() === stockLayer ? stockLayer : newestLayer;

/** How a field of a constructor is read, as GramJS understands the schema text. */
export interface Argument {
  /** It is a bit field that later fields depend on. */
  flagIndicator: boolean;
  /** Present only if this bit of that field is set. */
  isFlag: boolean;
  flagName: string | null;
  flagIndex: number;
  isVector: boolean;
  /** A vector whose id precedes its count. */
  useVectorId: boolean | null;
  /** A type without a constructor id of its own. */
  skipConstructorId: boolean;
  type: string | null;
}

export interface Definition {
  constructorId: number;
  argsConfig: Record<string, Argument>;
}

interface Generator {
  parseTl: (...args: unknown[]) => Iterable<Definition>;
  /** Set by us: what GramJS builds its classes from, by constructor id. */
  definitions?: Map<number, Definition>;
}

/** Global to the process, like GramJS's classes: other copies of this module share it. */
const generator = require('telegram/tl/generationHelpers.js') as Generator;

if (!generator.definitions) {
  if (require.cache[require.resolve('telegram/tl/api.js')])
    throw new Error('GramJS was loaded before its layer; only telegram/wire/gramjs.js may import it');
  if (layer !== stockLayer) replaceText(newestText);
  noteDefinitions();
}

/** Every constructor of this layer and of MTProto, by its id. */
export const definitions: ReadonlyMap<number, Definition> = generator.definitions!;

/** GramJS keeps the definitions to itself. Our reader reads by them, too. */
function noteDefinitions(): void {
  const { parseTl } = generator;
  const noted = (generator.definitions = new Map<number, Definition>());
  generator.parseTl = function* (...args) {
    for (const definition of parseTl(...args)) {
      noted.set(definition.constructorId, definition);
      yield definition;
    }
  };
}

function replaceText(text: string): void {
  const path = require.resolve('telegram/tl/apiTl.js');
  require.cache[path] = Object.assign(Object.create(require.cache[path] ?? null) as NodeModule, {
    id: path,
    filename: path,
    loaded: true,
    exports: text,
  });
}

/**
 * Throws a PersonError if the settings now ask for a layer other than the one chosen when the process started, or for an unsupported
 * one.
 */
export function requireLayer({ tg }: Config): void {
  const wanted = tg.layer ?? newestLayer;
  if (wanted === layer) return;
  if (wanted === stockLayer || wanted === newestLayer)
    throw new PersonError(`tg.layer in config.json is now ${wanted}. Restart this app.`);
  throw new PersonError(`tg.layer in config.json is ${wanted}, but must be ${newestLayer}, ${stockLayer} or null.`);
}
