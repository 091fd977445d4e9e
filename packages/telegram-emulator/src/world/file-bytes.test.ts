/** Bytes of files are the same however they are cut, differ for each file, block and size, and are cheap to compute. */
import { expect, test } from 'vitest';
import { fileBytes } from './media-file.js';
import { World } from './world.js';

const world = new World();

test('a range is the same however it is cut', () => {
  const media = world.addDocument({ size: 300_000, mimeType: 'video/mp4' });
  const whole = Buffer.from(fileBytes(media, 0, 300_000));
  for (const [offset, length] of [
    [0, 1],
    [3, 7],
    [5, 20],
    [4090, 20],
    [4096, 4096],
    [8191, 12_290],
    [299_990, 500],
  ] as const)
    expect(Buffer.from(fileBytes(media, offset, length))).toEqual(whole.subarray(offset, offset + length));
  expect(whole.subarray(4, 12).toString()).toBe('ftypisom');
});

test('all blocks differ, within a file and between files and sizes', () => {
  const seen = new Set<string>();
  const photo = world.addPhoto({ size: 40_960 });
  const documents = [world.addDocument({ size: 40_960 }), world.addDocument({ size: 40_960 })];
  let blocks = 0;
  for (const [media, size] of [
    ...documents.map((it) => [it, ''] as const),
    [photo, 'y'] as const,
    [photo, 'x'] as const,
  ]) {
    const end = media.sizeOf(size) ?? 0;
    for (let offset = 0; offset + 4096 <= end; offset += 4096, blocks += 1)
      seen.add(Buffer.from(media.bytes(size, offset, 4096)).toString('latin1'));
  }
  expect(seen.size).toBe(blocks);
});

test('bytes far beyond 4 GiB differ, too', () => {
  const media = world.addDocument({ size: 2 ** 45 });
  const far = 2 ** 44;
  expect(fileBytes(media, far, 64)).not.toEqual(fileBytes(media, far - 2 ** 43, 64));
  expect(fileBytes(media, 2 ** 45 - 5, 64)).toHaveLength(5);
});
