/**
 * edits.ts: changes of a message that its readers are not shown as an edit: `edit_hide`, as servers set for reactions and markup.
 */
import type { Chat } from '../chat.js';
import type { Message } from '../message.js';

/** Changes fields of a message without a step of the sequence. */
export function setFields(chat: Chat, id: number, fields: Readonly<Record<string, unknown>>): Message {
  const before = chat.existing(id);
  const after = { ...before, fields: { ...before.fields, ...fields } };
  for (const name of Object.keys(fields)) if (fields[name] === undefined) delete after.fields[name];
  chat.store.put(after);
  return after;
}

/** Changes fields of a message, such as `reply_markup`, and publishes that as a hidden edit. */
export function hiddenEdit(chat: Chat, id: number, fields: Readonly<Record<string, unknown>> = {}): void {
  const { edit_date, edit_hide } = chat.existing(id).fields ?? {};
  // What was edited for all to see goes on showing as edited.
  const seen = edit_date !== undefined && !edit_hide;
  const { date } = chat.existing(id);
  const mark = seen ? {} : { edit_hide: true, edit_date: Math.max(date, chat.world.now()) };
  setFields(chat, id, { ...fields, ...mark });
  chat.world.record.note(chat, 'hidden-edit', [id]);
  chat.step('edit', [id]);
}
