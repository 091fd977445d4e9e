/** An unfinished download goes on from what is really on disk, wherever it was stopped. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test as base, vi } from 'vitest';
import { PartFile } from './part-file.js';
import { partSize, partsOf } from './parts.js';

const test = base.extend<{ temp: string }>({
  temp: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-parts-'));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

const size = 4 * partSize + 1000;
const parts = partsOf(size);
const content = Buffer.alloc(size, 'the bytes of a file, of which no two parts are alike; ');
const bytesOf = (index: number) => content.subarray(index * partSize, (index + 1) * partSize);
const write = (file: PartFile, index: number) => file.write(parts[index]!, bytesOf(index));
const missing = (file: PartFile) => file.missing().map((it) => it.index);

const handleOf = (file: PartFile) => (file as unknown as { handle: FileHandle }).handle;

/** As a kill ends it: nothing is flushed or recorded any more. */
async function kill(file: PartFile): Promise<void> {
  await handleOf(file).close();
}

test('is brought in any order, with any stops between, and never takes for there what is not', async ({ temp }) => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: parts.length - 1 }) },
    { weight: 1, arbitrary: fc.constantFrom('flush' as const, 'pause' as const, 'kill' as const) },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
      const name = `document-${++run}`;
      let file = await PartFile.open(temp, name, size);
      let [written, safe] = [new Set<number>(), new Set<number>()];
      const reopen = async () => {
        file = await PartFile.open(temp, name, size);
        const onDisk = readFileSync(file.path);
        const there = parts.filter((it) => !missing(file).includes(it.index));
        for (const it of there)
          expect(onDisk.subarray(it.offset, it.offset + it.length).equals(bytesOf(it.index))).toBe(true);
        expect(there.map((it) => it.index)).toEqual([...safe].sort());
        expect(file.doneBytes).toBe(there.reduce((sum, it) => sum + it.length, 0));
        written = new Set(safe);
      };
      for (const it of steps) {
        if (typeof it === 'number') written.add((await write(file, it), it));
        else if (it === 'kill') await kill(file);
        else await file[it]();
        if (it === 'flush' || it === 'pause') safe = new Set(written);
        if (it === 'kill' || it === 'pause') await reopen();
      }
      for (const it of missing(file)) await write(file, it);
      await file.finish();
      expect(readFileSync(file.path).equals(content)).toBe(true);
      await PartFile.discard(temp, name);
    }),
    { numRuns: 40 },
  );
  expect(readdirSync(temp)).toEqual([]);
});

test('a big file is made safe now and then by itself: a kill costs some parts, not all', async ({ temp }) => {
  const [big, count] = [40 * partSize, 40];
  const file = await PartFile.open(temp, 'document-1', big);
  const zero = Buffer.alloc(partSize);
  await Promise.all(
    partsOf(big)
      .slice(0, count - 1)
      .map((it) => file.write(it, zero)),
  );
  await kill(file);
  const again = await PartFile.open(temp, 'document-1', big);
  expect(missing(again).length).toBeGreaterThan(0);
  expect(missing(again).length).toBeLessThan(count / 2);
  await again.pause();
});

describe('begins anew', () => {
  async function begun(temp: string): Promise<string> {
    const file = await PartFile.open(temp, 'photo-1', size);
    await write(file, 0);
    await write(file, 3);
    await file.pause();
    return file.path;
  }
  const all = parts.map((it) => it.index);

  test.for([
    '',
    '{',
    'null',
    '[]',
    '{"size":1}',
    `{"size":${size},"partSize":${partSize},"done":[-1]}`,
    `{"size":${size},"partSize":${partSize},"done":["0"]}`,
    `{"size":${size + 1},"partSize":${partSize},"done":[0]}`,
    `{"size":${size},"partSize":4096,"done":[0]}`,
  ])('when its record is %j', async (record, { temp }) => {
    const path = await begun(temp);
    writeFileSync(`${path}.json`, record);
    const file = await PartFile.open(temp, 'photo-1', size);
    expect(missing(file)).toEqual(all);
    await file.pause();
    expect(statSync(path).size).toBe(0);
  });

  test('when its bytes are lost, or fewer than the record says', async ({ temp }) => {
    const path = await begun(temp);
    truncateSync(path, 4 * partSize - 1);
    const short = await PartFile.open(temp, 'photo-1', size);
    expect(missing(short)).toEqual(all);
    await short.pause();

    await begun(temp);
    rmSync(path);
    const lost = await PartFile.open(temp, 'photo-1', size);
    expect(missing(lost)).toEqual(all);
    await lost.pause();
  });

  test('when Telegram says another size by now', async ({ temp }) => {
    await begun(temp);
    const file = await PartFile.open(temp, 'photo-1', size - 1);
    expect(missing(file)).toEqual(all);
    await file.pause();
  });
});

test('a half-written record is no record: the last whole one counts', async ({ temp }) => {
  const file = await PartFile.open(temp, 'photo-1', size);
  await write(file, 1);
  await file.pause();
  writeFileSync(`${file.path}.json.new`, '{"size":');
  const again = await PartFile.open(temp, 'photo-1', size);
  expect(missing(again)).toEqual([0, 2, 3, 4]);
  await again.pause();
});

test('a part of the wrong length is refused and still missing', async ({ temp }) => {
  const file = await PartFile.open(temp, 'photo-1', size);
  await expect(file.write(parts[4]!, content.subarray(0, 999))).rejects.toThrow('999 bytes instead of 1000');
  await expect(file.write(parts[0]!, content.subarray(0, partSize + 1))).rejects.toThrow('instead of');
  await expect(file.write(parts[0]!, new Uint8Array(0))).rejects.toThrow('0 bytes');
  expect(missing(file)).toEqual([0, 1, 2, 3, 4]);
  await expect(file.finish()).rejects.toThrow('not whole');
  await file.pause();
});

test('a part that the disk refused is still missing, also when later ones came', async ({ temp }) => {
  const file = await PartFile.open(temp, 'document-1', size);
  await write(file, 0);
  vi.spyOn(handleOf(file), 'write').mockRejectedValueOnce(new Error('ENOSPC'));
  await expect(write(file, 1)).rejects.toThrow('ENOSPC');
  await write(file, 3);
  expect(missing(file)).toEqual([1, 2, 4]);
  await file.pause();
  expect(missing(await PartFile.open(temp, 'document-1', size))).toEqual([1, 2, 4]);
});

test('the record speaks of a part only after its bytes were flushed', async ({ temp }) => {
  const file = await PartFile.open(temp, 'document-1', size);
  await write(file, 0);
  const [record, handle] = [`${file.path}.json`, handleOf(file)];
  const datasync = handle.datasync.bind(handle);
  const recorded: boolean[] = [];
  vi.spyOn(handle, 'datasync').mockImplementation(async () => {
    recorded.push(existsSync(record));
    await datasync();
    recorded.push(existsSync(record));
  });
  await file.pause();
  expect(recorded).toEqual([false, false]);
  expect(existsSync(record)).toBe(true);
});

test('a file of zero bytes is whole at once, and there', async ({ temp }) => {
  const file = await PartFile.open(temp, 'document-0', 0);
  expect(file.missing()).toEqual([]);
  await file.finish();
  expect(statSync(file.path).size).toBe(0);
});

test('what is discarded is gone with its record, and discarding nothing is no error', async ({ temp }) => {
  const file = await PartFile.open(temp, 'photo-1', size);
  await write(file, 1);
  await file.pause();
  expect(existsSync(`${file.path}.json`)).toBe(true);
  await PartFile.discard(temp, 'photo-1');
  await PartFile.discard(temp, 'photo-1');
  expect(readdirSync(temp)).toEqual([]);
});
