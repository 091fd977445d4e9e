import { parseArgs } from 'node:util';
import { openGrowth } from './growth/open.js';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000000' },
    chats: { type: 'string', default: '2000' },
    media: { type: 'string', default: '1000000' },
    folder: { type: 'string', default: '/tmp/gscratch/w' },
  },
});
const size = { messages: Number(values.messages), chats: Number(values.chats), media: Number(values.media) };
const growth = await openGrowth(values.folder, size);
await growth.close();
process.exit();
