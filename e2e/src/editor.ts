/** editor.ts: what an editor would say of a config.json, by the JSON Schema that the file itself names. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'jsonc-parser';

/** Problems, in words; [] if there are none. Throws if there is no such schema. */
export function problemsInEditor(configFile: string): string[] {
  const config = parse(readFileSync(configFile, 'utf8'), [], { allowTrailingComma: true }) as { $schema: string };
  const schemaFile = resolve(dirname(configFile), config.$schema);
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  ajv.addVocabulary(['allowComments', 'allowTrailingCommas']);
  const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')) as object);
  validate(config);
  return (validate.errors ?? []).map((it) => `${it.instancePath} ${it.message}`);
}
