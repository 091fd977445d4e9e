/** Chats that the planner leaves out because they are complete are complete by the rule that plans them. */
import { settledOf, unsettledChatRows, wantedChatRows } from '@tgsync/shared/db';
import { lacksBounds, subtract, wantedRange } from '@tgsync/shared/coverage';
import fc from 'fast-check';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';
import { addChat } from '@tgsync/testing/pages';

const surveyed = new Date('2026-01-01T00:00:00Z');
const day = new Date('2025-01-01T00:00:00Z');
const id = fc.bigInt({ min: 0n, max: 12n });
const range = fc.tuple(fc.bigInt({ min: 1n, max: 12n }), fc.bigInt({ min: 0n, max: 12n }));

const chat = fc.record({
  state: fc.constantFrom('ok', 'ok', 'ok', 'unknown', 'unreadable'),
  topMessage: fc.option(id),
  rangeFrom: id,
  rangeTo: id,
  since: fc.option(fc.constant(day)),
  until: fc.option(fc.constant(day)),
  sinceId: fc.option(id),
  untilId: fc.option(id),
  boundsAt: fc.option(fc.constant(day)),
  surveyedAt: fc.constantFrom(surveyed, surveyed, new Date(surveyed.getTime() - 1)),
  wanted: fc.constantFrom(true, true, true, false),
});
const world = fc.record({
  chat,
  covered: fc.option(range),
  hidden: fc.option(range),
  hiddenDays: fc.constantFrom(1, 60),
});

test('a chat that is left out is surveyed, readable and read, and one that was read in one piece is left out', async ({
  db,
}) => {
  let next = 0n;
  let leftOut = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(world, { minLength: 1, maxLength: 20 }), async (worlds) => {
      await db.$executeRaw`TRUNCATE chat, dialog, coverage, not_visible`;
      for (const { chat: it, covered, hidden, hiddenDays } of worlds) {
        const chatId = ++next;
        await addChat(db, { id: chatId, ...it });
        if (covered) await db.coverage.create({ data: { chatId, fromId: covered[0], toId: covered[0] + covered[1] } });
        if (!hidden) continue;
        const sampledAt = new Date(Date.now() - hiddenDays * 86_400_000);
        await db.notVisible.create({ data: { chatId, fromId: hidden[0], toId: hidden[0] + hidden[1], sampledAt } });
      }
      const rows = await wantedChatRows(db);
      const settled = await settledOf(
        db,
        rows.map((it) => it.id),
      );
      const kept = new Set((await unsettledChatRows(db, surveyed)).map((it) => it.id));
      expect(rows.filter((it) => kept.has(it.id))).toHaveLength(kept.size);
      for (const row of rows) {
        const wants = wantedRange(row);
        const isRead = !lacksBounds(row) && (!wants || subtract(wants, settled.get(row.id) ?? []).length === 0);
        const isQuiet = row.state === 'ok' && row.surveyedAt! >= surveyed && isRead;
        if (!kept.has(row.id))
          expect(
            isQuiet,
            JSON.stringify(row, (_, value: unknown) => String(value)),
          ).toBe(true);
        leftOut += kept.has(row.id) ? 0 : 1;
      }
    }),
    { numRuns: 12 },
  );
  expect(leftOut).toBeGreaterThan(0);
});
