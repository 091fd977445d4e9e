/** emulator.ts: an emulator in a process of its own, with a world of a given size. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Archive, Telegram } from '@tgsync/testing/archive';

export interface WorldSize {
  messages: string;
  files: string;
  bytes: string;
}

export interface Emulator extends Telegram {
  child: ChildProcess;
  control: string;
}

/** Resolves once it accepts logins. */
export async function startEmulator({ messages, files, bytes }: WorldSize): Promise<Emulator> {
  const cli = fileURLToPath(import.meta.resolve('@tgsync/telegram-emulator/cli'));
  const size = ['--messages', messages, '--files', files, '--bytes', bytes];
  const args = [cli, '--world', 'full', '--seed', 'bench', '--control', '0', '--with-parent', ...size];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { server, account, control } = JSON.parse(line) as {
    server: object;
    account: Telegram['world']['account'];
    control: string;
  };
  return { server, world: { account }, child, control };
}

/** Configures an archive with every readable chat of the emulator, and logs it in. */
export async function wantAll(archive: Archive, { control }: Emulator, tg: object = {}): Promise<void> {
  const { chats } = (await (await fetch(`${control}/inventory`)).json()) as {
    chats: { id: string; readable: boolean }[];
  };
  archive.configure(Object.fromEntries(chats.filter((it) => it.readable).map((it) => [it.id, {}])), { tg });
  await archive.logIn();
}
