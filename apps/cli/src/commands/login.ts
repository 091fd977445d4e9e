/** login.ts: `tgsync login`: asks, logs in, writes the session file and chats.json, says what comes next. */
import { type Environment, loadConfig } from '@tgsync/shared/config';
import { PersonError } from '@tgsync/shared/errors';
import { Sessions } from '@tgsync/shared/session';
import { FloodWaitError, login } from '@tgsync/shared/telegram';
import prettyMilliseconds from 'pretty-ms';
import QRCode from 'qrcode';
import {
  chatsFile,
  type ChatEntry,
  ensureConfig,
  readCredentials,
  writeChats,
  writeCredentials,
} from '../person-files.js';
import { Prompt } from '../prompt.js';

export async function loginCommand(env: Environment, { qr }: { qr: boolean }): Promise<number> {
  const prompt = new Prompt();
  try {
    await askForCredentials(ensureConfig(env), prompt);
    const config = loadConfig(env);
    const sessions = new Sessions(config, env);
    const done = await login(config, {
      phone: () => prompt.ask('Phone number, with country code:'),
      code: (where) => prompt.ask(`The code that Telegram sent ${where}:`),
      password: (hint) =>
        prompt.ask(`Your two-step verification password${hint ? ` (hint: ${hint})` : ''}:`, { secret: true }),
      ...(qr ? { showQr: (link: string) => showQr(link, prompt) } : {}),
      say: (text) => prompt.say(text),
    });
    try {
      sessions.write(1, done.session);
      prompt.say(`Logged in as ${done.name}. The login is in ${sessions.file(1)}: keep that file to yourself.`);
      const chats: ChatEntry[] = [];
      for await (const { id, title, kind, username } of done.dialogs())
        chats.push({ id: id.toString(), title, kind, username });
      writeChats(env, chats);
      prompt.say(`${chats.length} chats are listed in ${chatsFile(env)}.`);
      if (Object.keys(config.tg.chats).length === 0)
        prompt.say('Next: put the ids of those you want into tg.chats of config.json, then start tgsync.');
      else prompt.say('Next: start tgsync; if it is running, it goes on by itself.');
    } finally {
      await done.close();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof FloodWaitError)) throw error;
    const wait = prettyMilliseconds(error.seconds * 1000, { verbose: true });
    throw new PersonError(
      `Telegram asks to wait ${wait} before the next try. Nothing was changed; run \`tgsync login\` again then.`,
    );
  } finally {
    prompt.close();
  }
}

/** The link itself goes along, for those who cannot scan a terminal. */
async function showQr(link: string, prompt: Prompt): Promise<void> {
  prompt.say(await QRCode.toString(link, { type: 'terminal', small: true }));
  prompt.say(`Scan it with your phone: Telegram, Settings, Devices, Link Desktop Device. Or open ${link}`);
}

/** Asks for what config.json lacks and writes it in. */
async function askForCredentials(file: string, prompt: Prompt): Promise<void> {
  const { apiId, apiHash } = readCredentials(file);
  if (apiId && apiHash) return;
  prompt.say(
    'tgsync needs API credentials of your own. Get them at https://my.telegram.org/apps (any app name will do).',
  );
  const id = await askUntil(prompt, 'api_id:', /^[1-9]\d{0,9}$/, 'api_id is a number.');
  const hash = await askUntil(prompt, 'api_hash:', /^[0-9a-f]{32}$/i, 'api_hash has 32 hexadecimal digits.');
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
