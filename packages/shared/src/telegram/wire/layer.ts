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

interface VectorArgument {
  isVector: boolean;
  useVectorId: boolean;
}

interface Generator {
  parseTl: (...args: unknown[]) => Iterable<{ argsConfig: Record<string, VectorArgument> }>;
  /** Set by us: GramJS is about to read a vector; `boxed`: its id precedes its count. */
  vectorAhead?: { boxed: boolean } | undefined;
}

/** Global to the process, like GramJS's classes: other copies of this module share it. */
export const generator = require('telegram/tl/generationHelpers.js') as Generator;

if (!('vectorAhead' in generator)) {
  if (require.cache[require.resolve('telegram/tl/api.js')])
    throw new Error('GramJS was loaded before its layer; only telegram/wire/gramjs.js may import it');
  if (layer !== stockLayer) replaceText(newestText);
  announceVectors();
}

/**
 * GramJS skips a vector's id without checking it and then reads as many items as the next number says. So the reader is told that a
 * vector is coming.
 */
function announceVectors(): void {
  const { parseTl } = generator;
  generator.vectorAhead = undefined;
  generator.parseTl = function* (...args) {
    for (const definition of parseTl(...args)) {
      for (const argument of Object.values(definition.argsConfig).filter((it) => it.isVector)) {
        const boxed = argument.useVectorId;
        const get = () => {
          generator.vectorAhead = { boxed };
          return boxed;
        };
        Object.defineProperty(argument, 'useVectorId', { get });
      }
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
