/** parse.ts: parses config.json, with comments and trailing commas. A problem names the setting's path and the remedy, never its value. */
import { type ParseError, parse, printParseErrorCode, visit } from 'jsonc-parser';
import type { z } from 'zod';
import { PersonError } from '../errors/index.js';
import { isSection, translateOriginal } from './original-names.js';
import { type Config, configSchema } from './schema.js';

/** config.json has errors; `problems` has one line each. */
export class ConfigError extends PersonError {
  constructor(
    readonly problems: readonly string[],
    file = 'config.json',
  ) {
    super(`${file} has errors:\n${problems.map((it) => `  - ${it}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Settings that the environment overrides. */
export interface Overrides {
  dashboard?: object | undefined;
}

/** Parses and validates the text of a config.json; `file` names it in messages. Throws a {@link ConfigError} that lists all problems. */
export function parseConfig(content: string, file?: string, overrides: Overrides = {}): Config {
  try {
    return parsed(content, file, overrides);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // stack overflow
    throw new ConfigError(['the whole file: brackets are nested too deeply'], file);
  }
}

function parsed(content: string, file: string | undefined, overrides: Overrides): Config {
  const text = content.replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors.length > 0)
    throw new ConfigError(
      errors.map((it) => `${placeOf(text, it.offset)}: ${reasonOf(it)}`),
      file,
    );
  const translated = translateOriginal(value);
  const result = configSchema.safeParse(withOverrides(translated.value, overrides), { reportInput: false });
  const issues = result.error?.issues.map((it) => ({ ...it, path: [...translated.asWritten(it.path)] })) ?? [];
  const problems = [...duplicatesIn(text), ...translated.problems, ...issues.flatMap(remedies)];
  if (result.success && problems.length === 0) return result.data;
  throw new ConfigError(problems, file);
}

/** Applied before the check, so that the result is checked; anything but an object is left to the check. */
function withOverrides(value: unknown, { dashboard }: Overrides): unknown {
  if (!dashboard || !isSection(value)) return value;
  const own = value['dashboard'] ?? {};
  return isSection(own) ? { ...value, dashboard: { ...own, ...dashboard } } : value;
}

/** A parser silently takes the last of two settings with the same name. */
function duplicatesIn(text: string): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  visit(text, {
    onObjectProperty(name, offset, _length, _line, _column, parent) {
      const path = [...parent(), name];
      const known = seen.size;
      if (seen.add(JSON.stringify(path)).size > known) return;
      problems.push(`${path.map(shown).join('.')}: appears twice, again at ${placeOf(text, offset)}; keep one`);
    },
  });
  return problems;
}

/** Names as they are, except for characters that a person could not see. */
function shown(name: PropertyKey): string {
  const text = String(name);
  return /^[^\s\p{C}:.]+$/u.test(text) ? text : JSON.stringify(text);
}

function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function reasonOf(error: ParseError): string {
  const reason = printParseErrorCode(error.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return `not valid JSON (${reason})`;
}

/** The problems of the one form that the person seems to have meant; undefined: what is given has none of the forms. */
function meantBranch({ errors, message }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const isOtherForm = (it: z.core.$ZodIssue) => it.path.length === 0 && it.code === 'invalid_type';
  const close = errors.filter((issues) => !issues.some(isOtherForm));
  const fewest = Math.min(...close.map((it) => it.length));
  const best = close.filter((it) => it.length === fewest);
  return best.length === 1 || message === 'Invalid input' ? best.at(-1) : undefined;
}

function remedies(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(shown).join('.') || 'the whole file';
  const at = (name: string) => (issue.path.length ? `${path}.${name}` : name);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${at(shown(key))}: unknown setting; see config.example.json for the names`);
  }
  if (issue.code === 'invalid_union') {
    const meant = meantBranch(issue);
    if (meant) return meant.flatMap((it) => remedies({ ...it, path: [...issue.path, ...it.path] }));
  }
  if (issue.code === 'invalid_key') return [`${path}: ${issue.issues[0]?.message ?? issue.message}`];
  if (issue.code === 'invalid_type' && /received undefined/.test(issue.message)) {
    return [`${path}: missing; expected ${issue.expected}`];
  }
  return [
    `${path}: ${issue.message.replace('expected int,', 'expected a whole number,').replace('expected record,', 'expected object,')}`,
  ];
}
