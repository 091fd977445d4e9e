/** What is created in /media is readable for those whom media.umask allows, from the moment it exists. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putCopy } from './chat-links.js';
import { claimMediaFolder, markerName } from './marker.js';
import { createPlain, plainFolder } from './plain.js';
import { useUmask } from './umask.js';

test('files, copies, folders and the marker have the modes of the setting, or of the start without it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tgsync-umask-'));
  const started = process.umask(0o022);
  const modesOf = async (name: string) => {
    const media = join(folder, name);
    await claimMediaFolder(media, '0b0e0a60-0000-4000-8000-000000000001', false);
    await plainFolder(join(media, '5'));
    await (await createPlain(join(media, '5', 'file'))).close();
    await putCopy(join(media, '5', 'file'), join(media, '5', 'copy'), join(media, '5', 'aside'));
    return ['.', '5', markerName, '5/file', '5/copy'].map((it) => (statSync(join(media, it)).mode & 0o777).toString(8));
  };
  try {
    useUmask(null);
    expect(await modesOf('default')).toEqual(['755', '755', '644', '644', '644']);
    useUmask(0o027);
    expect(await modesOf('group')).toEqual(['750', '750', '640', '640', '640']);
    useUmask(0o077);
    expect(await modesOf('owner')).toEqual(['700', '700', '600', '600', '600']);
    useUmask(null);
    expect(await modesOf('again')).toEqual(['755', '755', '644', '644', '644']);
  } finally {
    process.umask(started);
    rmSync(folder, { recursive: true });
  }
});
