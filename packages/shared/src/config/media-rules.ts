/**
 * media-rules.ts: the settings that choose media and messages. In config.json a condition may be a single value or a list; recorded it is
 * always a list.
 */
import { z } from 'zod';
import { type Conditions, mediaCategories, type MediaRules, patternProblem, type Rule } from '../rules/index.js';
import { bytesSchema } from './bytes.js';

const oneOrMany = <T extends z.ZodType>(schema: T) =>
  z.union([schema, z.array(schema).min(1)]).transform((it): z.output<T>[] => (Array.isArray(it) ? it : [it]));

/** Date.parse takes the 31st of February for the 2nd of March. */
function isOnCalendar(text: string): boolean {
  const day = text.slice(0, 10);
  const [at, midnight] = [Date.parse(text), Date.parse(day)];
  return !Number.isNaN(at) && !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
}

/** A day (UTC) or a moment, as a text that sorts by time. */
const date = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/, {
    error: 'a date such as "2024-12-31" (UTC), or with a time such as "2024-12-31T18:00:00Z"',
    abort: true,
  })
  .refine(isOnCalendar, { error: 'there is no such date' })
  .transform((it) => new Date(it).toISOString());

/** Since inclusive, until exclusive. */
export const periodSchema = z
  .strictObject({
    since: date.optional().describe('From this day (UTC) or moment on.'),
    until: date.optional().describe('Before this day (UTC) or moment.'),
  })
  .refine((it) => it.since === undefined || it.until === undefined || it.since < it.until, {
    error: '`since` must be before `until`',
  });

const extension = z
  .string()
  .regex(/^\.?[^\s./\\]+$/, { error: 'a file extension such as "pdf"' })
  .transform((it) => it.replace(/^\./, '').toLowerCase());

const mime = z
  .string()
  .regex(/^[^/\s]+\/[^/\s]+$/, { error: 'a mime type such as "application/pdf", or "image/*"' })
  .transform((it) => it.toLowerCase());

const size = z
  .strictObject({
    min: bytesSchema.optional().describe('At least this size, such as "1 MiB".'),
    max: bytesSchema.optional().describe('At most this size, such as "2 GiB".'),
  })
  .refine((it) => it.min === undefined || it.max === undefined || it.min <= it.max, {
    error: '`min` must not be greater than `max`',
  });

const pattern = z.string().superRefine((it, context) => {
  const problem = patternProblem(it);
  if (problem === undefined) return;
  const message = `not a regular expression of RE2 (${problem}); lookaround and backreferences are not available`;
  context.addIssue({ code: 'custom', message });
});

const anId = { error: 'an id, such as 12345678' };
const id = z
  .union([z.int(anId), z.string(anId).regex(/^-?\d{1,18}$/, anId)], anId)
  .transform((it) => BigInt(it).toString());

const conditions = z
  .strictObject({
    kind: oneOrMany(z.enum(mediaCategories)).optional().describe('Kinds of media.'),
    extension: oneOrMany(extension).optional().describe('File extensions, such as "pdf".'),
    mime: oneOrMany(mime).optional().describe('Mime types, such as "application/pdf" or "image/*".'),
    size: size.optional().describe('File sizes.'),
    date: periodSchema.optional().describe('When the message was sent.'),
    name: pattern.optional().describe('A regular expression (RE2) that the file name contains.'),
    caption: pattern.optional().describe("A regular expression (RE2) that the message's text contains."),
    sender: oneOrMany(id).optional().describe('Ids of senders.'),
    topic: oneOrMany(id).optional().describe('Ids of topics in a forum.'),
  })
  .meta({ id: 'conditions', description: 'All conditions that are given must hold; of a list one.' });

const takeRule = z.strictObject({ take: conditions.describe('Media to take.') });
const skipRule = z.strictObject({ skip: conditions.describe('Media to leave out.') });

const asRule = (it: { take: Conditions } | { skip: Conditions }): Rule =>
  'take' in it ? { takes: true, when: it.take } : { takes: false, when: it.skip };

/**
 * `false`: no media. `true`: all. Conditions: only media that meet them. A list of rules: the first that matches decides; what none matches
 * gets the opposite of the last one.
 */
export const mediaRulesSchema = z
  .union(
    [
      z.boolean(),
      z
        .array(
          z.union([takeRule, skipRule], { error: 'a rule such as { "take": { "kind": "photo" } } or { "skip": {} }' }),
        )
        .min(1, { error: 'at least one rule; leave the setting out to take everything' }),
      conditions,
    ],
    {
      error:
        'false, conditions such as { "kind": "photo" }, or a list of rules such as [{ "skip": { "kind": "sticker" } }]',
    },
  )
  .transform((it): MediaRules => {
    if (it === true) return [];
    if (it === false) return [{ takes: false, when: {} }];
    return Array.isArray(it) ? it.map(asRule) : [{ takes: true, when: it }];
  });
