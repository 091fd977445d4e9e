/** renewed.ts: what is known of a message after a newer state of it came: that state, and what it does not tell. Pure. */
import { type Raw, saysLess } from './content.js';

/** `keepsReactions`: those that are known came later than this state. */
export function renewed(before: Raw, after: Raw, { keepsReactions }: { keepsReactions: boolean }): Raw {
  const { reactions, media, ...rest } = after;
  const known = object(before['reactions']);
  const told = object(reactions);
  const now = keepsReactions ? known : told && reactionsAfter(known, told);
  const shown = saysLess(before, after) ? before['media'] : mediaAfter(object(before['media']), object(media));
  return { ...rest, ...(shown !== undefined && { media: shown }), ...(now && { reactions: now }) };
}

/** In their `min` form reactions say nothing of our own (core.telegram.org/constructor/messageReactions): what is known of those stays. */
export function reactionsAfter(before: Raw | undefined, after: Raw): Raw {
  if (!after['min'] || !before) return after;
  const { min: _, ...told } = after;
  const chosen = new Map(list(before['results']).map((it) => [nameOf(it), it['chosenOrder']]));
  const results = list(after['results']).map((it) => {
    const order = chosen.get(nameOf(it));
    return order === undefined ? it : { ...it, chosenOrder: order };
  });
  const named = { ...pick(after, 'recentReactions', 'topReactors'), ...pick(before, 'recentReactions', 'topReactors') };
  return { ...told, ...(before['min'] === true && { min: true }), results, ...named };
}

/** A message may show the results of its poll in their `min` form. */
function mediaAfter(before: Raw | undefined, after: Raw | undefined): Raw | undefined {
  const [known, told] = [object(before?.['results']), object(after?.['results'])];
  const isSamePoll = object(before?.['poll'])?.['id'] === object(after?.['poll'])?.['id'];
  return isSamePoll && known && told ? { ...after!, results: pollResultsAfter(known, told) } : after;
}

/** Results of a poll in their `min` form are counts: what we chose, and who voted last, stays. */
export function pollResultsAfter(before: Raw | undefined, after: Raw): Raw {
  if (!after['min'] || !before) return after;
  const { min: _, ...told } = after;
  const known = new Map(list(before['results']).map((it) => [JSON.stringify(it['option']), it]));
  const results = list(after['results']).map((it) => ({ ...known.get(JSON.stringify(it['option'])), ...it }));
  return { ...before, ...told, ...(after['results'] !== undefined && { results }) };
}

function nameOf({ reaction }: Raw): string {
  const { _, emoticon, documentId } = object(reaction) ?? {};
  return JSON.stringify([_, emoticon, documentId]);
}

function pick(it: Raw, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => it[name] !== undefined).map((name) => [name, it[name]]));
}

function object(it: unknown): Raw | undefined {
  return typeof it === 'object' && it !== null && !Array.isArray(it) ? (it as Raw) : undefined;
}

function list(it: unknown): readonly Raw[] {
  return Array.isArray(it) ? (it as Raw[]) : [];
}
