/** An unfinished download resumes from what is really on disk, wherever it was stopped. */
import { createHash } from 'node:crypto';
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test as base, vi } from 'vitest';
import { discardParts } from './adopt-parts.js';
import { PartFile } from './part-file.js';
import { partSize, partsOf } from './parts.js';
import { heldAs } from './placing.js';

const test = base.extend<{ temp: string }>({
  temp: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-parts-'));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

const size = 4 * partSize + 1000;
const parts = [...partsOf(size)];
const key = 'known to the database alone';
const signal = new AbortController().signal;
const content = Buffer.alloc(size, 'the bytes of a file, of which no two parts are alike; ');
const bytesOf = (index: number) => content.subarray(index * partSize, (index + 1) * partSize);
const write = (file: PartFile, index: number) => file.write(parts[index]!, bytesOf(index));
const recordOf = (bytes: string) => join(dirname(bytes), 'record');
const missing = (file: PartFile) => [...file.missing()].map((it) => it.index);

/** The folder into which document 1 is downloaded. */
function unfinished(temp: string): string {
  const folder = join(temp, 'document-1.1');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Ends as if killed: nothing more is flushed or recorded. */
async function kill(file: PartFile): Promise<void> {
  await file.close();
}

test('is downloaded in any order, with any stops in between, and never counts a missing part as done', async ({
  temp,
}) => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: parts.length - 1 }) },
    { weight: 1, arbitrary: fc.constantFrom('flush' as const, 'pause' as const, 'kill' as const) },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
      const name = `document-${++run}`;
      let file = await PartFile.open(temp, heldAs(name), size, key);
      let [written, safe] = [new Set<number>(), new Set<number>()];
      const reopen = async () => {
        file = await PartFile.open(temp, heldAs(name), size, key);
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
      expect(await file.dropForeign(signal)).toBe(0);
      await file.finish();
      await file.close();
      expect(readFileSync(file.path).equals(content)).toBe(true);
      await discardParts(temp, heldAs(name));
    }),
    { numRuns: 40 },
  );
  expect(readdirSync(temp)).toEqual([]);
});

test('a big file is flushed regularly: a kill loses some parts, not all', async ({ temp }) => {
  const [big, count] = [40 * partSize, 40];
  const file = await PartFile.open(temp, heldAs('document-1'), big, key);
  await Promise.all([...partsOf(big)].slice(0, count - 1).map((it) => file.write(it, Buffer.alloc(partSize))));
  await kill(file);
  const again = await PartFile.open(temp, heldAs('document-1'), big, key);
  expect(missing(again).length).toBeGreaterThan(0);
  expect(missing(again).length).toBeLessThan(count / 2);
  await again.pause();
});

describe('starts anew', () => {
  async function begun(temp: string): Promise<string> {
    const file = await PartFile.open(temp, heldAs('photo-1'), size, key);
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
    `{"size":${size},"partSize":${partSize},"done":[0]}`, // of an older version
    `{"size":${size},"partSize":${partSize},"done":[[-1,"a"]]}`,
    `{"size":${size},"partSize":${partSize},"done":[["0","a"]]}`,
    `{"size":${size},"partSize":${partSize},"done":[[5,"a"]]}`, // there is no such part
    `{"size":${size + 1},"partSize":${partSize},"done":[[0,"a"]]}`,
    `{"size":${size},"partSize":4096,"done":[[0,"a"]]}`,
  ])('when its record is %j', async (record, { temp }) => {
    const path = await begun(temp);
    writeFileSync(recordOf(path), record);
    const file = await PartFile.open(temp, heldAs('photo-1'), size, key);
    expect(missing(file)).toEqual(all);
    await file.pause();
    expect(statSync(path).size).toBe(0);
  });

  test('when its bytes are lost, or fewer than the record says', async ({ temp }) => {
    const path = await begun(temp);
    truncateSync(path, 4 * partSize - 1);
    const short = await PartFile.open(temp, heldAs('photo-1'), size, key);
    expect(missing(short)).toEqual(all);
    await short.pause();

    await begun(temp);
    rmSync(path);
    const lost = await PartFile.open(temp, heldAs('photo-1'), size, key);
    expect(missing(lost)).toEqual(all);
    await lost.pause();
  });

  test('when Telegram reports another size by now', async ({ temp }) => {
    await begun(temp);
    const file = await PartFile.open(temp, heldAs('photo-1'), size - 1, key);
    expect(missing(file)).toEqual(all);
    await file.pause();
    writeFileSync(join(unfinished(temp), 'record'), `{"done":"${'x'.repeat(5_000_000)}"}`);
    expect(missing(await PartFile.open(temp, heldAs('document-1'), size, key))).toEqual(all);
  });
});

test('a half-written record is ignored: the last complete one counts', async ({ temp }) => {
  const file = await PartFile.open(temp, heldAs('photo-1'), size, key);
  await write(file, 1);
  await file.pause();
  writeFileSync(`${recordOf(file.path)}.new`, '{"size":');
  const again = await PartFile.open(temp, heldAs('photo-1'), size, key);
  expect(missing(again)).toEqual([0, 2, 3, 4]);
  await again.pause();
});

test('a part of the wrong length is refused and still missing', async ({ temp }) => {
  const file = await PartFile.open(temp, heldAs('photo-1'), size, key);
  await expect(file.write(parts[4]!, content.subarray(0, 999))).rejects.toThrow('999 bytes instead of 1000');
  await expect(file.write(parts[0]!, content.subarray(0, partSize + 1))).rejects.toThrow('instead of');
  await expect(file.write(parts[0]!, new Uint8Array(0))).rejects.toThrow('0 bytes');
  expect(missing(file)).toEqual([0, 1, 2, 3, 4]);
  await expect(file.finish()).rejects.toThrow('incomplete');
  await file.pause();
});

test('a part that the disk refused is still missing, even if later ones were written', async ({ temp }) => {
  const file = await PartFile.open(temp, heldAs('document-1'), size, key);
  await write(file, 0);
  vi.spyOn(file.handle, 'write').mockRejectedValueOnce(new Error('ENOSPC'));
  await expect(write(file, 1)).rejects.toThrow('ENOSPC');
  await write(file, 3);
  expect(missing(file)).toEqual([1, 2, 4]);
  await file.pause();
  expect(missing(await PartFile.open(temp, heldAs('document-1'), size, key))).toEqual([1, 2, 4]);
});

test('the record contains a part only after its bytes were flushed', async ({ temp }) => {
  const file = await PartFile.open(temp, heldAs('document-1'), size, key);
  await write(file, 0);
  const [record, handle] = [recordOf(file.path), file.handle];
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

test('a file of zero bytes is complete at once, and exists', async ({ temp }) => {
  const file = await PartFile.open(temp, heldAs('document-0'), 0, key);
  expect([...file.missing()]).toEqual([]);
  await file.finish();
  await file.close();
  expect(statSync(file.path).size).toBe(0);
});

test('what is discarded is gone with its record, and discarding nothing is no error', async ({ temp }) => {
  const file = await PartFile.open(temp, heldAs('photo-1'), size, key);
  await write(file, 1);
  await file.pause();
  expect(existsSync(recordOf(file.path))).toBe(true);
  await discardParts(temp, heldAs('photo-1'));
  await discardParts(temp, heldAs('photo-1'));
  expect(readdirSync(temp)).toEqual([]);
});

describe('what somebody else put into /temp', () => {
  const record = (indexes: readonly number[], code: string) =>
    JSON.stringify({ size, partSize, done: indexes.map((it) => [it, code]) });
  const all = parts.map((it) => it.index);

  test('does not count as a part, whatever a record beside it says', async ({ temp }) => {
    writeFileSync(join(unfinished(temp), 'bytes'), content);
    writeFileSync(join(unfinished(temp), 'record'), record(all, 'AAAAAAAAAAAAAAAAAAAAAA'));
    const file = await PartFile.open(temp, heldAs('document-1'), size, key);
    await expect(file.finish()).rejects.toThrow('not verified');
    expect(await file.dropForeign(signal)).toBe(size);
    expect(missing(file)).toEqual(all);
    expect(file.doneBytes).toBe(0);
    await file.pause();
  });

  test('into the bytes of a download loses these parts, and the others stay', async ({ temp }) => {
    const file = await PartFile.open(temp, heldAs('document-1'), size, key);
    for (const it of all) await write(file, it);
    await file.pause();
    const changed = Buffer.from(content);
    changed[partSize + 5]! ^= 1;
    writeFileSync(file.path, changed);
    const again = await PartFile.open(temp, heldAs('document-1'), size, key);
    expect(missing(again)).toEqual([]);
    expect(await again.dropForeign(signal)).toBe(partSize);
    expect(missing(again)).toEqual([1]);
    await write(again, 1);
    await again.finish();
    await again.close();
    expect(readFileSync(again.path).equals(content)).toBe(true);
  });

  test('under the name of the parts is not written to if it is a hard link', async ({ temp }) => {
    const file = await PartFile.open(temp, heldAs('document-1'), size, key);
    for (const it of all) await write(file, it);
    await file.pause();
    linkSync(file.path, join(temp, 'mine'));
    const again = await PartFile.open(temp, heldAs('document-1'), size, key);
    expect(missing(again)).toEqual(all);
    await write(again, 0);
    await again.pause();
    expect(readFileSync(join(temp, 'mine')).equals(content)).toBe(true);
  });

  test.runIf(process.geteuid?.() === 0)(
    'is not written into as a file of another user, who keeps it',
    async ({ temp }) => {
      const file = await PartFile.open(temp, heldAs('document-1'), size, key);
      await write(file, 0);
      await file.pause();
      chownSync(file.path, 65_534, 65_534);
      const again = await PartFile.open(temp, heldAs('document-1'), size, key);
      expect(missing(again)).toEqual(all);
      expect(statSync(again.path).uid).toBe(0);
      expect(readdirSync(unfinished(temp)).sort()).toEqual(['bytes', 'record']);
      await again.pause();
    },
  );

  test.for(['another file', 'nothing'])(
    'is not ours: a whole file of which %s has the name',
    async (what, { temp }) => {
      const file = await PartFile.open(temp, heldAs('document-1'), size, key);
      for (const it of all) await write(file, it);
      if (what === 'nothing') {
        rmSync(file.path);
      } else {
        writeFileSync(join(temp, 'evil'), Buffer.alloc(size, 'evil'));
        renameSync(join(temp, 'evil'), file.path);
      }
      await expect(file.finish()).rejects.toThrow(`${file.path} is no longer the file that tgsync wrote`);
      expect((await file.fingerprint()).sha256).toBe(createHash('sha256').update(content).digest('hex'));
      await file.close();
    },
  );

  test('may be a record of any length without overflowing anything', async ({ temp }) => {
    const many = 300_000;
    writeFileSync(join(unfinished(temp), 'bytes'), '');
    const done = Array.from({ length: many }, (_, index) => [index % 5, 'a']);
    writeFileSync(join(unfinished(temp), 'record'), JSON.stringify({ size, partSize, done }));
    const file = await PartFile.open(temp, heldAs('document-1'), size, key);
    expect(missing(file)).toEqual(all);
    await file.pause();
    writeFileSync(join(unfinished(temp), 'record'), `{"done":"${'x'.repeat(5_000_000)}"}`);
    expect(missing(await PartFile.open(temp, heldAs('document-1'), size, key))).toEqual(all);
  });
});
