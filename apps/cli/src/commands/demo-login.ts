/**
 * demo-login.ts: `tgsync demo-login <url>`: logs in to an emulator that runs already, by its control's address.
 * A config.json of the person's own is never touched.
 */
import { isDeepStrictEqual } from 'node:util';
import { configFile, type Environment, loadConfig } from '@tgsync/shared/config';
import { PersonError } from '@tgsync/shared/errors';
import { Sessions } from '@tgsync/shared/session';
import { hasConfig } from '../person-files.js';
import { enterDemo, type Started } from '../start/demo.js';

export async function demoLoginCommand(env: Environment, control: string | undefined): Promise<number> {
  if (!control) throw new PersonError("demo-login needs the address of the emulator's control.");
  const started = (await (await fetch(control)).json()) as Started;
  const file = configFile(env);
  if (hasConfig(env)) {
    const config = loadConfig(env);
    const { tg } = config;
    if (isDeepStrictEqual(tg.server, started.server) && new Sessions(config, env).numbers.length > 0) {
      console.log('Logged in already.');
      return 0;
    }
    if (tg.server?.host !== started.server.host)
      throw new PersonError(`${file} is your own: the demo needs other folders, see demo.env.`);
  }
  await enterDemo(env, started);
  console.log(`Logged in to the demo's Telegram; its chats are in ${file}.`);
  return 0;
}
