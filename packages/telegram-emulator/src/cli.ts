/**
 * cli.ts: an emulator in a process of its own. Prints one line of JSON once it listens, and everything else on stderr.
 */
import { parseArgs } from 'node:util';
import { toJson } from './control/json.js';
import { startEmulator } from './server.js';
import { generateWorld } from './world/generate/generate-world.js';
import { World } from './world/world.js';

const USAGE = `usage: cli.js [options]
  --world demo|full|empty  pleasant chats, chats of every kind, or none (default demo)
  --seed TEXT              what the world is generated from (default demo)
  --messages N --files N --bytes N --chats N   approximate size of the world
  --large                  add a file of more than 2 GiB
  --phone P --code C --password P --home-dc N  the account
  --keys DIR               keep keys and logins in this folder
  --host H                 where to listen (default 127.0.0.1)
  --advertise H            the host that clients are told, if it differs
  --ports A,B,C,D[,E,F[,G]]  data centres 1 to 4, media_only addresses, CDN (default: free ports)
  --control PORT           port of the HTTP control interface (0: a free port)
  --with-parent            stop when standard input ends`;

const { values } = parseArgs({
  options: {
    world: { type: 'string', default: 'demo' },
    seed: { type: 'string', default: 'demo' },
    messages: { type: 'string' },
    files: { type: 'string' },
    bytes: { type: 'string' },
    chats: { type: 'string' },
    large: { type: 'boolean', default: false },
    phone: { type: 'string' },
    code: { type: 'string' },
    password: { type: 'string' },
    'home-dc': { type: 'string' },
    keys: { type: 'string' },
    host: { type: 'string' },
    advertise: { type: 'string' },
    ports: { type: 'string' },
    control: { type: 'string' },
    'with-parent': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

function makeWorld(): World {
  const account = {
    ...(values.phone !== undefined && { phone: values.phone }),
    ...(values.code !== undefined && { code: values.code }),
    ...(values.password !== undefined && { password: values.password }),
    ...(values['home-dc'] !== undefined && { homeDc: Number(values['home-dc']) }),
  };
  if (values.world === 'empty') return new World({ ...account, seed: values.seed });
  if (values.world !== 'demo' && values.world !== 'full') throw new Error(`unknown world ${values.world}\n${USAGE}`);
  return generateWorld({
    ...account,
    seed: values.seed,
    messages: number(values.messages),
    files: number(values.files),
    bytes: number(values.bytes),
    chats: number(values.chats),
    large: values.large,
    pleasant: values.world === 'demo',
  });
}

async function main(): Promise<void> {
  if (values.help) {
    console.error(USAGE);
    return;
  }
  const emulator = await startEmulator({
    world: makeWorld(),
    host: values.host,
    advertise: values.advertise,
    ports: values.ports?.split(',').map(Number),
    keysDir: values.keys,
    controlPort: number(values.control) ?? null,
    log: (line) => console.error(line),
  });
  const stop = (): void => void emulator.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (values['with-parent']) process.stdin.resume().once('close', stop);
  const { phone, code, password } = emulator.world.account;
  console.log(toJson({ server: emulator.server, control: emulator.control, account: { phone, code, password } }));
}

await main();
