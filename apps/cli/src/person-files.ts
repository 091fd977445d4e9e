/** person-files.ts: the files in /appdata that people read and edit: config.json and chats.json. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configFile, type Environment, readText } from '@tgsync/shared/config';
import { unmark } from '@tgsync/shared/peer-id';
import type { Dialog } from '@tgsync/shared/telegram';
import { applyEdits, modify, parse } from 'jsonc-parser';

const shipped = (name: string) => fileURLToPath(new URL(`../../../appdata/${name}`, import.meta.url));
const example = shipped('config.example.json');

/** Puts the example and the JSON Schema beside config.json, and copies the example to config.json if there is none. */
export function ensureConfig(env: Environment): string {
  mkdirSync(env.appdata, { recursive: true });
  const beside = join(env.appdata, 'config.example.json');
  if (!existsSync(beside)) copyFileSync(example, beside);
  refreshSchema(env);
  const file = join(env.appdata, 'config.json');
  if (!existsSync(file)) copyFileSync(example, file);
  return file;
}

/** Puts this version's JSON Schema, which config.json names, beside it. Only editors read it, so a failure is ignored. */
export function refreshSchema(env: Environment): void {
  try {
    copyFileSync(shipped('config.schema.json'), join(env.appdata, 'config.schema.json'));
  } catch {
    // a read-only folder, for example
  }
}

export function hasConfig(env: Environment): boolean {
  return existsSync(configFile(env));
}

export function readConfig(env: Environment): string {
  return readText(configFile(env));
}

/** Writes config.json atomically: whoever is waiting for one never sees half of it. */
export function writeConfig(env: Environment, text: string): void {
  mkdirSync(env.appdata, { recursive: true });
  replaceFile(configFile(env), text);
}

/** The API credentials in a config file that may not be complete yet. */
export function readCredentials(file: string): { apiId: unknown; apiHash: unknown } {
  const config = parse(readText(file), [], { allowTrailingComma: true }) as
    { tg?: Record<string, unknown> } | undefined;
  return { apiId: config?.tg?.api_id, apiHash: config?.tg?.api_hash };
}

/** Writes credentials into config.json; comments and everything else stay as they are. */
export function writeCredentials(file: string, apiId: number, apiHash: string): void {
  let text = readText(file);
  const formattingOptions = { insertSpaces: true, tabSize: 2 };
  text = applyEdits(text, modify(text, ['tg', 'api_id'], apiId, { formattingOptions }));
  text = applyEdits(text, modify(text, ['tg', 'api_hash'], apiHash, { formattingOptions }));
  replaceFile(file, text);
}

export interface ChatEntry {
  id: string;
  title: string;
  kind: string;
  username: string | null;
}

/** A dialog's line in chats.json. If this version cannot read the dialog, the line has its id and the reason. */
export function chatEntry({ id, facts, unread }: Dialog): ChatEntry {
  const { title, kind, username } = facts ?? { title: `(${unread})`, kind: unmark(id).kind, username: null };
  return { id: id.toString(), title, kind, username };
}

export function chatsFile(env: Environment): string {
  return join(env.appdata, 'chats.json');
}

export function writeChats(env: Environment, chats: readonly ChatEntry[]): void {
  replaceFile(chatsFile(env), `${JSON.stringify(chats, null, 2)}\n`);
}

export function readChats(env: Environment): ChatEntry[] | undefined {
  const file = chatsFile(env);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ChatEntry[]) : undefined;
}

function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
