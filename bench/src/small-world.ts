/** small-world.ts: an emulator in a process of its own whose world is one channel with many small files. Started by `small`. */
import { startEmulator, World } from '@tgsync/telegram-emulator';

const [files, chat] = [Number(process.argv[2]), { title: 'Small files' }];
const world = new World();
const channel = world.addChannel(chat);
for (let index = 0; index < files; index++) {
  const size = 20_000 + ((index * 7919) % 60_001); // 20 to 80 KB
  const document = world.addDocument({ dc: 2, size, name: `file ${index}.bin` });
  channel.addMessage({ text: `file ${index}`, document });
}
const { server } = await startEmulator({ world });
process.on('disconnect', () => process.exit());
const { phone, code, password } = world.account;
process.send!({ server, account: { phone, code, password }, chat: channel.id.toString() });
