/**
 * demo-login.ts: `tgsync demo-login <url>` logs in to a running emulator, given its control address. It never touches a person's own
 * config.json, and takes over the demo's files from an earlier database.
 */
import { isDeepStrictEqual } from 'node:util';
import { configFile, databaseUrlAnyway, type Environment, foldersOf, loadConfig } from '@tgsync/shared/config';
import { archiveId, closeDb, hasSavedFiles, openDb } from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import { Sessions } from '@tgsync/shared/session';
import { ownerOf, takeOverMediaFolder } from '@tgsync/shared/store';
import { hasConfig, refreshSchema } from '../person-files.js';
import { enterDemo, type Started } from '../start/demo.js';
import { print } from '../terminal.js';

/** The scheduler is creating its tables in the meantime. */
const databaseMs = 120_000;

export async function demoLoginCommand(env: Environment, control: string | undefined): Promise<number> {
  if (!control) throw new PersonError("demo-login needs the emulator's control address.");
  const started = (await (await fetch(control)).json()) as Started;
  const file = configFile(env);
  if (hasConfig(env)) {
    const config = loadConfig(env);
    const { tg } = config;
    if (isDeepStrictEqual(tg.server, started.server) && new Sessions(config, env).numbers.length > 0) {
      print('Already logged in.');
      await adoptFiles(env);
      return 0;
    }
    if (tg.server?.host !== started.server.host)
      throw new PersonError(`${file} belongs to your own archive. Choose other folders for the demo; see demo.env.`);
  }
  await enterDemo(env, started);
  refreshSchema(env);
  await adoptFiles(env);
  print(`Logged in to the demo's Telegram; its chats are in ${file}.`);
  return 0;
}

/** `down --volumes` removes the demo's database but leaves its files, which then belong to no archive. */
async function adoptFiles(env: Environment): Promise<void> {
  const url = databaseUrlAnyway(env);
  const { media } = foldersOf(loadConfig(env), env);
  const owner = await ownerOf(media);
  if (!url || owner === undefined) return;
  const db = await openDb(url, { patienceMs: databaseMs });
  try {
    const mine = await archiveId(db);
    if (owner !== mine && !(await hasSavedFiles(db))) await takeOverMediaFolder(media, mine);
  } finally {
    await closeDb(db);
  }
}
