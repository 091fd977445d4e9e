/** tgsync: the command line tool. One file per command in ./commands. */
import { parseArgs } from 'node:util';
import { loggableError, setCalledAs, version } from '@tgsync/shared/app';
import { type Environment, readEnvironment } from '@tgsync/shared/config';
import { ConnectionLostError, PersonError } from '@tgsync/shared/errors';
import { defaultCommand } from './default-command.js';
import { outputTaken, print, printAside } from './terminal.js';

const usage = `tgsync: a complete, always current, local copy of chosen Telegram chats

  npm start                              run everything on this machine (a demo, if there is no config.json)
  npm start -- --once                    the same, but exit when nothing is owed any more
  npm run -s tgsync -- login [--qr]      log in (with a code, or by scanning a QR code) and write chats.json
  npm run -s tgsync -- login --add       add a login of the same account, for one more fetch worker
  npm run -s tgsync -- sessions [end N]  list the logins, or end one
  npm run -s tgsync -- chats [words]     search that list
  npm run -s tgsync -- password          hash a dashboard password for config.json
  npm run -s tgsync -- status [--json]   what is stored and what is owed; status <chat>: what is certain about one chat
  npm run -s tgsync -- resync <chat>     have the fleet read again what is stored of a chat, to find edits and deletions that Telegram
                                         did not tell of (--range 1000:2000: only these message ids)
  npm run -s tgsync -- plan [--json]     what the present config.json would download, in files and bytes, before anything is
                                         (--offline: only what is known without asking Telegram; --patience)
  npm run -s tgsync -- deletions allow <chat>  with "deletions": "mirror": many messages deleted at once may be removed
  npm run -s tgsync -- verify [--deep]   check the archive; --deep reads every file (--rate 50M: at most that many bytes per second;
                                         resumes where it stopped, --fresh: starts over); exits with 1 if anything is wrong or owed
                                         --server: have the fleet check every file once against Telegram's own hashes (--fresh: again)
                                         --offline: do not ask Telegram (--patience: seconds to wait for an answer)
                                         --json: one finding per line; --examples N: how many to show of each kind
  npm run -s tgsync -- repair            repair what verify found; deletes none of your files (--dry-run: only list it; --json)
                                         --accept-deleted: you deleted the missing files yourself
                                         --restore-deleted [chat…]: download deleted files again
  npm run -s tgsync -- adopt [--yes]     take over the media folder of a lost database

Folders: --data DIR (default ./data), --appdata DIR, --media DIR, --temp DIR`;

type Values = ReturnType<typeof readArguments>['values'];
type Command = (env: Environment, args: string[], values: Values) => Promise<number>;

/** Each loads what it needs itself: `tgsync status` should not have to load a Telegram library. */
const commands: Partial<Record<string, Command>> = {
  async login(env, _, { add, qr }) {
    if (add) return await (await import('./commands/login-add.js')).loginAddCommand(env);
    return await (await import('./commands/login.js')).loginCommand(env, { qr });
  },
  sessions: async (env, args, values) =>
    await (await import('./commands/sessions.js')).sessionsCommand(env, args, values),
  password: async () => await (await import('./commands/password.js')).passwordCommand(),
  chats: async (env, args) => (await import('./commands/chats.js')).chatsCommand(env, args),
  status: async (env, args, values) => await (await import('./commands/status.js')).statusCommand(env, args, values),
  resync: async (env, args, values) => await (await import('./commands/resync.js')).resyncCommand(env, args, values),
  async verify(env, _, values) {
    const [examples, patience] = [wholeNumber(values.examples), wholeNumber(values.patience)];
    return await (await import('./commands/verify.js')).verifyCommand(env, { ...values, examples, patience });
  },
  deletions: async (env, args) => await (await import('./commands/deletions.js')).deletionsCommand(env, args),
  async plan(env, _, { json, offline, patience }) {
    return await (
      await import('./commands/plan.js')
    ).planCommand(env, { json, offline, patience: wholeNumber(patience) });
  },
  repair: async (env, args, values) => await (await import('./commands/repair.js')).repairCommand(env, args, values),
  adopt: async (env, _, values) => await (await import('./commands/adopt.js')).adoptCommand(env, values),
  start: async (env, _, values) => await (await import('./commands/start.js')).startCommand(env, values),
  'demo-login': async (env, [control]) =>
    await (await import('./commands/demo-login.js')).demoLoginCommand(env, control),
};

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const folders = {
    TGSYNC_DATA: values.data,
    TGSYNC_APPDATA: values.appdata,
    TGSYNC_MEDIA: values.media,
    TGSYNC_TEMP: values.temp,
  };
  const given = Object.fromEntries(Object.entries(folders).filter(([, value]) => value !== undefined));
  const env = readEnvironment({ ...process.env, ...given });
  setCalledAs(env.calledAs);
  const command = positionals[0] ?? defaultCommand(env);
  if (values.version) {
    print(`tgsync ${version} (Node ${process.versions.node})`);
    return 0;
  }
  if (values.help || command === 'help') {
    print(usageHere(env.calledAs));
    return 0;
  }
  const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (run) return await run(env, positionals.slice(1), values);
  throw new PersonError(`Unknown command: ${command}.\n\n${usageHere(env.calledAs)}`);
}

/** In a container there is no npm, and the folders are fixed. */
function usageHere(calledAs: string | undefined): string {
  if (calledAs === undefined) return usage;
  const lines = usage.split('\n').filter((it) => !/npm start|^Folders/.test(it));
  return lines.join('\n').trim().replaceAll('npm run -s tgsync --', calledAs);
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new PersonError(`${text} is not a number.`);
}

function readArguments() {
  try {
    const given = process.argv.slice(2);
    const isChat = (it: string) => /^-\d+$/.test(it); // a negative number is a chat id, not an option
    return parseArgs({
      args: [...given.filter((it) => !isChat(it)), '--', ...given.filter(isChat)],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        appdata: { type: 'string' },
        media: { type: 'string' },
        temp: { type: 'string' },
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        qr: { type: 'boolean', default: false },
        add: { type: 'boolean', default: false },
        deep: { type: 'boolean', default: false },
        server: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        'accept-deleted': { type: 'boolean', default: false },
        'restore-deleted': { type: 'boolean', default: false },
        offline: { type: 'boolean', default: false },
        rate: { type: 'string' },
        range: { type: 'string' },
        patience: { type: 'string', default: '60' },
        examples: { type: 'string', default: '5' },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new PersonError(`${(error as Error).message}\n\n${usage}`);
  }
}

// The reader of our output is gone, or its disk is full: lines are lost, but running work still ends cleanly.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof PersonError) printAside(error.message);
  else if (error instanceof ConnectionLostError)
    printAside(`Telegram is unreachable: ${error.message}. Is this machine online?`);
  else printAside(String(loggableError(error).stack ?? error));
  process.exitCode = 1;
}
await outputTaken();
process.exit();
