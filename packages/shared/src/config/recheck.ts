/** recheck.ts: which stored messages are read again, and how often. In config.json times are words, recorded they are seconds. */
import { z } from 'zod';

/** The messages of the last so many seconds (null: all) are read again once in so many seconds. */
export interface RecheckRule {
  last: number | null;
  every: number;
}

const units = { hour: 3600, day: 86_400, week: 604_800 };
const span = '([1-9][0-9]{0,3}) (hour|day|week)s?';
const example = 'a time such as "2 days": a number of hours, days or weeks';

function secondsOf(text: string): number {
  const [, count, unit] = new RegExp(span).exec(text)!;
  return Number(count) * units[unit as keyof typeof units];
}

const rule = z.strictObject({
  last: z
    .string()
    .regex(new RegExp(`^(all|${span})$`), { error: `"all", or ${example}` })
    .transform((text) => (text === 'all' ? null : secondsOf(text)))
    .describe('Messages of the last so many hours, days or weeks, such as "2 days"; "all": every message.'),
  every: z
    .string()
    .regex(new RegExp(`^${span}$`), { error: example })
    .transform(secondsOf)
    .describe('How often they are read again, such as "1 day" or "12 hours".'),
});

const whatToSay = { error: 'false, or a list such as [{ "last": "2 days", "every": "1 day" }]' };

export const recheckSchema = z
  .union(
    [z.literal(false, whatToSay), z.array(rule, whatToSay).min(1, { error: 'at least one rule; false: none' })],
    whatToSay,
  )
  .transform((it): RecheckRule[] => (it === false ? [] : it));
