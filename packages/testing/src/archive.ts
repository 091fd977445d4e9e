/** archive.ts: an archive under test: its own folders, database and config.json, logged in to an emulator. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, parseConfig } from '@tgsync/shared/config';
import { Sessions } from '@tgsync/shared/session';
import { login } from '@tgsync/shared/telegram';

/** An emulator, in this process or another: where it listens, and who can log in. */
export interface Telegram {
  server: object;
  world: { account: { phone: string; code: string; password?: string } };
}

/** Additional settings of config.json, by section. */
type Sections = Partial<Record<'db' | 'tg' | 'download' | 'media' | 'log' | 'dashboard', object>>;

export interface Archive {
  env: Environment;
  databaseUrl: string;
  /** Writes config.json with these chats and additional settings. */
  configure(chats: Record<string, object>, more?: Sections): void;
  /** Logs in to the emulator and writes the session file, by default of the first login. */
  logIn(number?: number): Promise<void>;
  remove(): void;
}

const credentials = { api_id: 4242, api_hash: '00112233445566778899aabbccddeeff' };

export function makeArchive(databaseUrl: string, telegram: Telegram, redisUrl?: string): Archive {
  const folder = mkdtempSync(join(tmpdir(), 'tgsync-archive-'));
  const env: Environment = {
    appdata: join(folder, 'appdata'),
    media: join(folder, 'media'),
    temp: join(folder, 'temp'),
    data: folder,
    databaseUrl,
    redisUrl,
  };
  mkdirSync(env.appdata);
  // No tighter time limits than a person's, which a busy machine would exceed. A test of a limit sets its own.
  const configText = (chats: Record<string, object>, more: Sections = {}) =>
    JSON.stringify({
      log: { level: 'info', ...more.log },
      db: { ...more.db },
      tg: { ...credentials, server: telegram.server, sync_interval: 3600, chats, ...more.tg },
      download: { min_free_space: 0, ...more.download },
      media: { ...more.media },
      dashboard: { port: 0, ...more.dashboard },
    });
  return {
    env,
    databaseUrl,
    configure: (chats, more) => writeFileSync(join(env.appdata, 'config.json'), configText(chats, more)),
    async logIn(number = 1) {
      const { phone, code, password } = telegram.world.account;
      const config = parseConfig(configText({}));
      const done = await login(config, {
        phone: async () => phone,
        code: async () => code,
        password: async () => password ?? '',
        say: () => {},
      });
      new Sessions(config, env).write(number, done.session);
      await done.close();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
