/**
 * json-schema.ts: config.json as a JSON Schema, for editors: names are completed, typos underlined, descriptions shown. Where it cannot say
 * what the zod schema checks it says less: what it rejects, tgsync rejects, too. Pure.
 */
import { z } from 'zod';
import { originalLevels, renamedSettings } from './original-names.js';
import { configSchema } from './schema.js';

/** As far as we look into it. */
interface Node {
  [key: string]: unknown;
  properties?: Record<string, Node>;
  anyOf?: Node[];
}

/** Draft 7, which every editor knows. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => tidy(jsonSchema),
  }) as Node;
  addOriginalNames(schema);
  // The last two are of VS Code, which otherwise underlines what config.json may have.
  return { title: 'tgsync: config.json', ...schema, allowComments: true, allowTrailingCommas: true };
}

/** Says nothing that tells a person nothing. */
function tidy(schema: Record<string, unknown>): void {
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (JSON.stringify(schema['default']) === '{}') delete schema['default'];
}

/** What original-names.ts translates. */
function addOriginalNames(schema: Node): void {
  for (const { theirs, ours } of renamedSettings) {
    const description = `The original tool's name of ${ours.join('.')}.`;
    const { default: _, ...same } = at(schema, ours);
    at(schema, theirs.slice(0, -1)).properties![theirs[1]] = { ...same, description, deprecated: true };
  }
  widen(at(schema, ['log', 'level']), { enum: [...originalLevels.keys()] });
  const { anyOf = [] } = at(schema, ['tg', 'proxy']);
  anyOf.push({ type: ['object', 'array'], description: 'As in Telethon.' });
}

function at(schema: Node, path: readonly string[]): Node {
  return path.reduce((node, key) => node.properties![key]!, schema);
}

/** Editors offer the values of both. */
function widen(node: Node, other: Node): void {
  const { type, enum: values } = node;
  delete node['type'];
  delete node['enum'];
  node.anyOf = [
    { type, enum: values },
    { ...other, description: "The original tool's levels.", deprecated: true },
  ];
}
