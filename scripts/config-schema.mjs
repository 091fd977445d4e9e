/** config-schema.mjs: writes appdata/config.schema.json, by which editors help with config.json, from the schema that tgsync checks it by. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup.mjs';

const built = join(root, 'packages', 'shared', 'dist', 'config', 'json-schema.js');
const { configJsonSchema } = await import(pathToFileURL(built).href);
writeFileSync(join(root, 'appdata', 'config.schema.json'), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
