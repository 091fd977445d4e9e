/** login.ts: `tgsync login` asks its questions, logs in, writes the session file and chats.json, and says what comes next. */
import { createLogger } from '@tgsync/shared/app';
import { type Config, configFile, type Environment, loadConfig } from '@tgsync/shared/config';
import { PersonError } from '@tgsync/shared/errors';
import { makePrivate, type Session, Sessions } from '@tgsync/shared/session';
import { FloodWaitError, listDialogs, login, whileNobodyUses } from '@tgsync/shared/telegram';
import prettyMilliseconds from 'pretty-ms';
import QRCode from 'qrcode';
import { inviteToDashboard } from '../invite.js';
import {
  chatsFile,
  type ChatEntry,
  ensureConfig,
  readCredentials,
  chatEntry,
  writeChats,
  writeCredentials,
} from '../person-files.js';
import { withArchiveIfThere } from '../open-archive.js';
import { Prompt } from '../prompt.js';
import { draw } from '../terminal.js';

export async function loginCommand(env: Environment, { qr }: { qr: boolean }): Promise<number> {
  const prompt = new Prompt();
  try {
    await askForCredentials(ensureConfig(env), prompt);
    const config = loadConfig(env);
    const sessions = new Sessions(config, env);
    const done = await login(config, {
      phone: () => prompt.ask('Phone number, with country code:'),
      code: (question) => prompt.ask(`${question.slice(0, -1)} (no code? press Enter):`),
      password: (hint) =>
        prompt.ask(`Your two-step verification password${hint ? ` (hint: ${hint})` : ''}:`, { secret: true }),
      ...(qr ? { showQr: (link: string) => showQr(link, prompt) } : {}),
      say: (text) => prompt.say(text),
    });
    try {
      await write(sessions, done.session, { env, config, prompt });
      for (const file of [sessions.file(1), configFile(env)]) {
        if (!makePrivate(file))
          prompt.say(
            `Warning: other users of this machine may be able to read ${file}. Move it where only you can read it.`,
          );
      }
      prompt.say(`Logged in as ${done.name}. The login is in ${sessions.file(1)}; keep that file secret.`);
      const onWait = (seconds: number) =>
        prompt.say(`Telegram asks us to wait ${duration(seconds)} before it lists more chats; waiting.`);
      const chats: ChatEntry[] = [];
      for await (const dialog of listDialogs(done.caller, onWait)) chats.push(chatEntry(dialog));
      writeChats(env, chats);
      prompt.say(`${chats.length} chats are listed in ${chatsFile(env)}.`);
      if (Object.keys(config.tg.chats).length === 0)
        prompt.say('Next: put the ids of the chats you want into tg.chats in config.json, then start tgsync.');
      else prompt.say('Next: start tgsync. If it is already running, it continues by itself.');
      inviteToDashboard(config, env);
    } finally {
      await done.close();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof FloodWaitError)) throw error;
    throw new PersonError(
      `Telegram asks you to wait ${duration(error.seconds)} before trying again. Nothing was changed; run \`tgsync login\` again then.`,
    );
  } finally {
    prompt.close();
  }
}

/**
 * The worker that uses the previous login must release it first, or it could write the old session over the new one. Without a database
 * nobody can be using it.
 */
async function write(
  sessions: Sessions,
  session: Session,
  { env, config, prompt }: { env: Environment; config: Config; prompt: Prompt },
): Promise<void> {
  let written = false;
  if (sessions.numbers.includes(1))
    await withArchiveIfThere(env, async (db) => {
      prompt.say('Waiting for workers to release the previous login…');
      const how = { db, ttlSeconds: config.tg.lease_ttl, log: createLogger('cli', 'silent') };
      await whileNobodyUses(how, 1, () => sessions.write(1, session));
      written = true;
    });
  if (!written) sessions.write(1, session);
}

function duration(seconds: number): string {
  return prettyMilliseconds(seconds * 1000, { verbose: true });
}

/** The link itself is printed too, for those who cannot scan a terminal. */
async function showQr(link: string, prompt: Prompt): Promise<void> {
  draw(await QRCode.toString(link, { type: 'terminal', small: true }));
  prompt.say(`Scan this code with your phone: Telegram, Settings, Devices, Link Desktop Device. Or open ${link}`);
}

/** Asks for the credentials that config.json lacks, and writes them to it. */
async function askForCredentials(file: string, prompt: Prompt): Promise<void> {
  const { apiId, apiHash } = readCredentials(file);
  if (apiId && apiHash) return;
  prompt.say('tgsync needs your own API credentials. Get them at https://my.telegram.org/apps (any app name will do).');
  const id = await askUntil(prompt, 'api_id:', /^[1-9]\d{0,9}$/, 'api_id must be a number.');
  const hash = await askUntil(prompt, 'api_hash:', /^[0-9a-f]{32}$/i, 'api_hash must be 32 hexadecimal digits.');
  writeCredentials(file, Number(id), hash);
  prompt.say(`Written to ${file}.`);
}

async function askUntil(prompt: Prompt, question: string, pattern: RegExp, otherwise: string): Promise<string> {
  for (;;) {
    const answer = await prompt.ask(question);
    if (pattern.test(answer)) return answer;
    prompt.say(otherwise);
  }
}
