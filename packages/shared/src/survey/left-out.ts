/** left-out.ts: does "*" leave a dialog out? Pure. */
import { unmark } from '../peer-id/index.js';
import type { Judged } from './folder-rules.js';

/** `exclude`: kinds of chats, and ids. undefined: what is known of the dialog does not decide. */
export function isLeftOut(exclude: ReadonlySet<string>, dialog: Judged): boolean | undefined {
  if (exclude.has(dialog.id.toString())) return true;
  const kinds = possibleKinds(dialog);
  const count = kinds.filter((it) => exclude.has(it)).length;
  return count === 0 || count === kinds.length ? count > 0 : undefined;
}

/** A bot is no user here. */
function possibleKinds({ id, facts, traits }: Judged): readonly string[] {
  if (facts) return [facts.kind === 'user' && traits.isBot ? 'bot' : facts.kind];
  const { kind } = unmark(id);
  if (kind === 'group') return ['group'];
  return kind === 'user' ? ['user', 'bot'] : ['supergroup', 'channel'];
}
