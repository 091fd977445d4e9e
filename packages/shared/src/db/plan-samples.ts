/**
 * plan-samples.ts: what a look at unread history found, until `tgsync plan` has read it. A sample tells nothing of what is owed, and is
 * deleted after a day.
 */
import { z } from 'zod';
import { mediaCategories } from '../rules/index.js';
import { type Db, sql } from './handle.js';
import { asRows } from './rows.js';
import { mediaKinds } from './words.js';

/** What is wanted of a chat. 0: no limit of ids on that side. */
export interface SampleRequest {
  chatId: bigint;
  from: bigint;
  to: bigint;
  since: Date | null;
  until: Date | null;
}

const id = z.string().transform((it) => BigInt(it));
const message = z.object({
  id,
  date: z.iso
    .datetime()
    .transform((it) => new Date(it))
    .nullable(),
  caption: z.string().nullable(),
  senderId: id.nullable(),
  topicId: id.nullable(),
  media: z.array(
    z.object({
      kind: z.enum(mediaKinds),
      id,
      category: z.enum(mediaCategories),
      type: z.string().nullable(),
      name: z.string().nullable(),
      size: id,
    }),
  ),
});
const window = z.object({ from: id, to: id, messages: z.array(message) });
const sampleSchema = z.union([
  z.object({ problem: z.string() }),
  z.object({ owedIds: id, isExact: z.boolean(), windows: z.array(window) }),
]);

export type SampledMessage = z.output<typeof message>;
/** The messages between two ids, both inclusive. */
export type SampledWindow = z.output<typeof window>;
/** Why a chat cannot be read; or how many ids are unread, and all windows of them (`isExact`), or some. */
export type Sample = z.output<typeof sampleSchema>;

const keyOf = ({ from, to, since, until }: SampleRequest) =>
  `${from}-${to} ${since?.toISOString() ?? ''} ${until?.toISOString() ?? ''}`;

export async function recordSample(db: Db, accountId: bigint, request: SampleRequest, sample: Sample): Promise<void> {
  const [row] = [asRows([sample])];
  await sql(db).$executeRaw`
    INSERT INTO plan_sample (account_id, chat_id, request, sample) VALUES (${accountId}, ${request.chatId}, ${keyOf(request)}, (${row}::jsonb) -> 0)
    ON CONFLICT (account_id, chat_id, request) DO UPDATE SET sample = excluded.sample, taken_at = now()`;
  await sql(db).$executeRaw`DELETE FROM plan_sample WHERE taken_at < now() - interval '1 day'`;
}

/** The sample that was taken since then, if any. */
export async function readSample(db: Db, request: SampleRequest, since: Date): Promise<Sample | undefined> {
  const rows = await sql(db).$queryRaw<{ sample: unknown }[]>`
    SELECT sample FROM plan_sample WHERE chat_id = ${request.chatId} AND request = ${keyOf(request)} AND taken_at >= ${since}`;
  return rows[0] && sampleSchema.parse(rows[0].sample);
}
