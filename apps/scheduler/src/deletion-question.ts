/** deletion-question.ts: asks the person whether many deleted messages may be removed at once. Pure. */
import { type DeletionQuestion, mostCounted } from '@tgsync/shared/db';

/** One text about all chats; undefined: there is nothing to ask. */
export function deletionQuestion(questions: readonly DeletionQuestion[]): string | undefined {
  if (questions.length === 0) return undefined;
  const each = questions.map(({ chatId, title, messages }) => {
    const count = `${messages >= mostCounted ? 'At least ' : ''}${messages.toLocaleString('en')} ${messages === 1 ? 'message' : 'messages'}`;
    return (
      `${count} of ${title || 'a chat'} (${chatId}) were deleted in Telegram, which is a lot for one day. If they should be removed here as well, ` +
      `run \`tgsync deletions allow ${chatId}\`; otherwise set its "deletions" to "keep". Until then they stay.`
    );
  });
  return each.join(' ');
}
