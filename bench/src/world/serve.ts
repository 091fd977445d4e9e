/** serve.ts: an emulator in a process of its own, so that its CPU time is its own; started by telegram.ts with a {@link WorldSpec}. */
import { type Fault, type FaultHandle, startEmulator, World } from '@tgsync/telegram-emulator';
import { type Order, type Served, sizeOf, textMessage, type WorldSpec } from './spec.js';

const spec = JSON.parse(process.argv[2]!) as WorldSpec;
const world = new World({ seed: 'bench' });
const chat = world.addChannel({ title: 'Benchmark' });
chat.addMessages(spec.texts, textMessage);
let [files, bytes] = [0, 0];
for (const of of spec.files) {
  for (let index = 0; index < of.count; index++) {
    const size = sizeOf(of, index);
    const document = world.addDocument({ size, dc: of.dcs[index % of.dcs.length]!, name: `file-${files++}.bin` });
    chat.addMessage({ text: 'a file', document });
    bytes += size;
  }
}

const emulator = await startEmulator({ world, log: (line) => console.error(line) });
let latency: FaultHandle | undefined;
let awaited: string | undefined;
emulator.onCall(({ method }) => {
  if (method !== awaited) return;
  awaited = undefined;
  process.send!({ at: Date.now() });
});
process.on('message', (order: Order) => {
  if ('awaitCall' in order) awaited = order.awaitCall;
  else {
    latency?.remove();
    latency = order.latency > 0 ? emulator.faults.add({ kind: 'delay', ms: order.latency } satisfies Fault) : undefined;
  }
});
process.once('disconnect', () => process.exit());

const { phone, code } = world.account;
const served: Served = {
  server: emulator.server,
  addresses: [...emulator.addresses],
  account: { phone, code },
  chat: chat.id.toString(),
  messages: spec.texts + files,
  files,
  bytes,
};
process.send!(served);
