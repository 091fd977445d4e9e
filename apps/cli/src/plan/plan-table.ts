/** plan-table.ts: the plan as a table for people. Pure. */
import prettyBytes from 'pretty-bytes';
import { printable } from '../printable.js';
import { textTable } from '../text-table.js';
import type { PlannedChat } from '../commands/plan.js';
import type { PlannedKind } from './plan-chat.js';

export function planTable(chats: readonly PlannedChat[], problems: readonly string[]): string {
  if (chats.length === 0 && problems.length === 0)
    return 'No chats yet. Put ids from chats.json into tg.chats in config.json.';
  const rows = chats.flatMap((chat) => {
    const title = [chat.id.toString(), printable(chat.title || '(not seen yet)', 28)];
    const lines = chat.kinds.map((it) => [it.kind, ...amountsOf(it)]);
    return (lines.length > 0 ? lines : [['nothing', '', '', '']]).map((it, index) => [
      ...(index ? ['', ''] : title),
      ...it,
    ]);
  });
  const table = textTable(['chat', 'title', 'kind', 'files', 'size', 'how sure'], rows, [3, 4]);
  // One that concerns all chats is told once.
  const notes = chats.filter((it) => it.problem !== null && !problems.includes(it.problem));
  const lines = [...problems, ...notes.map((it) => `chat ${it.id}: ${it.problem}`)];
  return [table, '', totalOf(chats.flatMap((it) => it.kinds)), ...lines].join('\n');
}

function amountsOf({ known, estimated }: PlannedKind): [string, string, string] {
  const files = known.files + (estimated?.files ?? 0);
  const bytes = known.bytes + (estimated?.bytes ?? 0);
  const sure = estimated ? `estimated, ${offBy(estimated.offBy.bytes, bytes)}` : 'exact';
  return [number(files, estimated !== null), size(bytes, estimated !== null), sure];
}

function totalOf(kinds: readonly PlannedKind[]): string {
  const sum = (of: (it: PlannedKind) => number) => kinds.reduce((total, it) => total + of(it), 0);
  const files = sum((it) => it.known.files + (it.estimated?.files ?? 0));
  const bytes = sum((it) => it.known.bytes + (it.estimated?.bytes ?? 0));
  const isEstimated = kinds.some((it) => it.estimated);
  const error = Math.sqrt(sum((it) => (it.estimated?.offBy.bytes ?? 0) ** 2));
  const sure = isEstimated ? ` (estimated, ${offBy(error, bytes)})` : '';
  return `To download: ${number(files, isEstimated)} files, ${size(bytes, isEstimated)}${sure}.`;
}

const number = (files: number, isEstimated: boolean) => `${isEstimated ? '~' : ''}${files.toLocaleString('en')}`;
const size = (bytes: number, isEstimated: boolean) => `${isEstimated ? '~' : ''}${prettyBytes(bytes)}`;
const offBy = (error: number, of: number) => `±${of === 0 ? 0 : Math.ceil((100 * error) / of)} %`;
