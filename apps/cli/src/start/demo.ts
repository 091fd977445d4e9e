/** demo.ts: runs an emulated Telegram with a dozen chats and logs in to it, so that a newcomer can see everything without an account. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Config, configFile, type Environment, parseConfig } from '@tgsync/shared/config';
import { Sessions } from '@tgsync/shared/session';
import { chatEntry, hasConfig, readConfig, writeChats, writeConfig } from '../person-files.js';
import { type DemoServer, withChats, withServer } from './demo-config.js';

const emulatorCli = fileURLToPath(import.meta.resolve('@tgsync/telegram-emulator/cli'));

/** Not a secret: the emulator accepts any. */
const credentials = { api_id: 12345, api_hash: '0123456789abcdef0123456789abcdef' };
const newConfig = JSON.stringify(
  {
    $schema: './config.schema.json',
    tg: { ...credentials, progress_summary_interval: 5, sync_interval: 10, chats: {} },
  },
  null,
  2,
);
const portCount = 6; // four data centres, two media_only addresses

/** What a running emulator reports about itself. */
export interface Started {
  server: DemoServer;
  account: { phone: string; code: string; password?: string };
}

export interface Demo {
  stop(): Promise<void>;
}

/** Starts the emulator, writes a config.json for it and logs in, unless an earlier demo did. */
export async function startDemo(env: Environment, folder: string): Promise<Demo> {
  mkdirSync(folder, { recursive: true });
  const { child, started } = await startEmulator(folder);
  await enterDemo(env, started);
  return {
    async stop() {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/**
 * Logs in to a running emulator, unless an earlier demo did, and writes a config.json for it: last, as a scheduler may be waiting for it.
 * In an existing one it changes only what it must, as a person may have edited the rest.
 */
export async function enterDemo(env: Environment, { server, account }: Started): Promise<void> {
  const kept = hasConfig(env) ? readConfig(env) : undefined;
  const text = withServer(kept ?? newConfig, server);
  const config = parseConfig(text, configFile(env));
  const sessions = new Sessions(config, env);
  const chats = sessions.read(1) ? [] : await logIn(env, config, sessions, account);
  const wantsChats = chats.length > 0 && Object.keys(config.tg.chats).length === 0;
  const done = wantsChats ? withChats(text, chats) : text;
  if (done !== kept) writeConfig(env, done);
}

async function startEmulator(folder: string): Promise<{ child: ChildProcess; started: Started }> {
  const ports = await keptPorts(join(folder, 'ports.json'));
  const args = [
    '--world',
    'demo',
    '--keys',
    join(folder, 'keys'),
    '--ports',
    ports.join(','),
    '--control',
    '0',
    '--with-parent',
  ];
  const child = spawn(process.execPath, [emulatorCli, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => {
      throw new Error('the Telegram emulator did not start');
    }),
  ])) as [string];
  return { child, started: JSON.parse(line) as Started };
}

/** Uses the same ports at every start, as the login remembers them, unless another program has taken one. */
async function keptPorts(file: string): Promise<number[]> {
  if (existsSync(file)) {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as number[];
    if ((await Promise.all(kept.map((it) => portIfFree(it)))).every((it) => it)) return kept;
  }
  const ports: number[] = [];
  const held = [];
  for (let count = 0; count < portCount; count++) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as { port: number }).port);
    held.push(server);
  }
  for (const server of held) {
    server.close();
    await once(server, 'close');
  }
  writeFileSync(file, JSON.stringify(ports));
  return ports;
}

async function portIfFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const free = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ]);
  server.close();
  return free;
}

/** Returns the ids of the chats that can be read. */
async function logIn(
  env: Environment,
  config: Config,
  sessions: Sessions,
  account: Started['account'],
): Promise<string[]> {
  // Loading this costs half a second, and twice the runner's other memory, but only on the first start.
  const { listDialogs, login } = await import('@tgsync/shared/telegram');
  const done = await login(config, {
    phone: async () => account.phone,
    code: async () => account.code,
    password: async () => account.password ?? '',
    say: () => {},
  });
  try {
    sessions.write(1, done.session);
    const chats = [];
    for await (const dialog of listDialogs(done.caller, () => {})) {
      const { facts, topMessage } = dialog;
      chats.push({
        entry: chatEntry(dialog),
        readable: topMessage > 0n && facts !== null && (facts.accessHash !== null || facts.kind === 'group'),
      });
    }
    writeChats(
      env,
      chats.map((it) => it.entry),
    );
    return chats.filter((it) => it.readable).map((it) => it.entry.id);
  } finally {
    await done.close();
  }
}
