/** decide.ts: whether to take a media of a message. Pure; the same rules and facts always give the same decision. */
import { extensionOf } from '../media-type/index.js';
import type { MediaCategory } from './category.js';
import { finds } from './pattern.js';
import type { Conditions, MediaRules, Period, Rule } from './rule.js';

export interface MediaFacts {
  category: MediaCategory;
  /** The mime type that the sender gave. */
  type: string | null;
  name: string | null;
  /** In bytes. */
  size: bigint;
  /** Of the message. */
  date: Date | null;
  caption: string | null;
  senderId: bigint | null;
  topicId: bigint | null;
}

/** null: taken. Otherwise the rule that skips it, for display. */
export type Decision = string | null;

/** The first rule that matches decides. What none matches gets the opposite of the last one. */
export function decide(rules: MediaRules, facts: MediaFacts): Decision {
  for (const [index, rule] of rules.entries()) {
    if (!matches(rule.when, facts)) continue;
    return rule.takes ? null : reasonOf(rule, index, rules.length);
  }
  return rules.at(-1)?.takes ? 'no rule takes it' : null;
}

function reasonOf({ when }: Rule, index: number, count: number): string {
  if (count === 1 && Object.keys(when).length === 0) return 'media: false';
  return `rule ${index + 1}: skip ${JSON.stringify(when)}`;
}

function matches(when: Conditions, facts: MediaFacts): boolean {
  const { kind, extension, mime, size, date, name, caption, sender, topic } = when;
  if (kind && !kind.includes(facts.category)) return false;
  if (extension && !extension.includes(extensionOfMedia(facts))) return false;
  if (mime && !mime.some((it) => isOfType(mimeOf(facts), it))) return false;
  if (size?.min !== undefined && facts.size < BigInt(size.min)) return false;
  if (size?.max !== undefined && facts.size > BigInt(size.max)) return false;
  if (date && !isWithin(date, facts.date)) return false;
  if (sender && !sender.includes(String(facts.senderId))) return false;
  if (topic && !topic.includes(String(facts.topicId))) return false;
  // Patterns last, as they cost most.
  if (name !== undefined && !finds(name, facts.name)) return false;
  return caption === undefined || finds(caption, facts.caption);
}

function extensionOfMedia({ category, type, name }: MediaFacts): string {
  const named = name && /\.([^\s./\\]+)$/.exec(name)?.[1];
  return (named || extensionOf({ kind: category === 'photo' ? 'photo' : 'document', type, name })).toLowerCase();
}

const mimeOf = ({ category, type }: MediaFacts) =>
  category === 'photo' ? 'image/jpeg' : (type?.split(';')[0]!.trim().toLowerCase() ?? '');

function isOfType(type: string, wanted: string): boolean {
  return wanted.endsWith('/*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

/** A message whose date could not be read is in no period. */
function isWithin({ since, until }: Period, date: Date | null): boolean {
  if (!date) return false;
  const at = date.toISOString();
  return (since === undefined || at >= since) && (until === undefined || at < until);
}
