/** One at a time: whoever has the claim works, learns when it is lost, and releases it. */
import { claimMedia, findMedia } from '@tgsync/shared/db';
import { withClaim } from '@tgsync/shared/media';
import { ClaimLostError } from '@tgsync/shared/store';
import { patience, test as base } from '@tgsync/testing';
import { expect } from 'vitest';
import { addDocument } from '@tgsync/testing/pages';

const ref = { kind: 'document', id: 5n } as const;

const test = base.extend<{ known: void }>({
  known: [
    async ({ db }, use) => {
      await addDocument(db, { id: ref.id });
      await use();
    },
    { auto: true },
  ],
});

test('a media is claimed while work on it runs, and free afterwards, also if that failed', async ({ db }) => {
  const othersGetIt = async () => Boolean(await claimMedia(db, ref));
  expect(await withClaim(db, ref, othersGetIt)).toBe(false);
  const failing = withClaim(db, ref, async () => {
    throw new Error('failed');
  });
  await expect(failing).rejects.toThrow('failed');
  expect(await withClaim(db, ref, async ({ claim }) => claim)).toBe(3n);
  expect(await withClaim(db, { ...ref, id: 6n }, async () => 'worked')).toBeUndefined();
});

test('a worker that loses the claim learns of it, and does not take it from the next one', async ({ db }) => {
  const losing = withClaim(db, ref, async (_media, lost) => {
    await db.document.updateMany({ data: { claim: 99n } });
    await expect.poll(() => lost.aborted, patience).toBe(true);
    lost.throwIfAborted();
  });
  await expect(losing).rejects.toThrow(ClaimLostError);
  expect(await findMedia(db, ref)).toMatchObject({ claim: 99n });
  expect(await claimMedia(db, ref)).toBeFalsy();
});
