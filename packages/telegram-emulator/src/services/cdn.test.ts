/** The CDN by the rules of core.telegram.org/cdn: who answers what, tokens, encryption, hashes, and failures. */
import { createDecipheriv, createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RawClient } from '../raw-client.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import { fileBytes, type DocumentFile, type OnCdn } from '../world/media-file.js';
import { World } from '../world/world.js';

const KIB = 1024;
const SIZE = 1_500_000;

let emulator: Emulator;
let home: RawClient;
let publicKey: string;

beforeEach(async () => {
  emulator = await startEmulator({ world: new World() });
  home = await login(emulator);
  const { public_keys: keys } = await home.call({ _: 'help.getCdnConfig' });
  publicKey = (keys as TlObject[])[0]!['public_key'] as string;
});
afterEach(() => emulator.close());

const toCdn = (): Promise<RawClient> => RawClient.withKey(emulator, { dc: 203, publicKey });

function addFile(cdn?: OnCdn): DocumentFile {
  const { world } = emulator;
  const document = world.addDocument({ size: SIZE, ...(cdn && { cdn }) });
  world.addChannel({ title: 'Popular' }).addMessage({ document });
  return document;
}

function getFile(document: DocumentFile, more: object = {}): Promise<TlObject> {
  const { id, accessHash: access_hash } = document;
  const file_reference = emulator.world.references.issue(document);
  const location = { _: 'inputDocumentFileLocation', id, access_hash, file_reference, thumb_size: '' };
  return home.call({ _: 'upload.getFile', location, offset: 0n, limit: 64 * KIB, ...more });
}

const redirect = (document: DocumentFile): Promise<TlObject> => getFile(document, { cdn_supported: true });

const getCdnFile = (cdn: RawClient, { file_token }: TlObject, offset = 0n, limit = 64 * KIB): Promise<TlObject> =>
  cdn.call({ _: 'upload.getCdnFile', file_token, offset, limit });

function decrypted(found: TlObject, { bytes }: TlObject, offset: number): Buffer {
  const iv = Buffer.from(found['encryption_iv'] as Buffer);
  iv.writeUInt32BE(offset / 16, 12);
  return createDecipheriv('aes-256-ctr', found['encryption_key'] as Buffer, iv).update(bytes as Buffer);
}

describe('the CDN data centre', () => {
  test('has an RSA key of its own, which no other data centre accepts', async () => {
    await expect(RawClient.withKey(emulator, { dc: 203 })).rejects.toThrow('transport error -404');
    await expect(RawClient.withKey(emulator, { dc: 4, publicKey })).rejects.toThrow('transport error -404');
    await toCdn();
  });

  test('answers only upload.getCdnFile, to anybody; no other data centre answers that', async () => {
    const cdn = await toCdn();
    const invalid = { error_code: 400, error_message: 'CDN_METHOD_INVALID' };
    const found = await redirect(addFile('held'));
    const { file_token } = found;
    expect(await getCdnFile(cdn, found)).toMatchObject({ _: 'upload.cdnFile' });
    for (const query of [
      { _: 'help.getConfig' },
      { _: 'auth.importAuthorization', id: 1n, bytes: Buffer.alloc(8) },
      { _: 'upload.reuploadCdnFile', file_token, request_token: Buffer.alloc(8) },
      { _: 'upload.getCdnFileHashes', file_token, offset: 0n },
      { _: 'invokeWithoutUpdates', query: { _: 'upload.getCdnFile', file_token, offset: 0n, limit: 4096 } },
    ])
      expect(await cdn.call(query)).toMatchObject(invalid);
    expect(await home.call({ _: 'auth.exportAuthorization', dc_id: 203 })).toMatchObject({
      error_message: 'DC_ID_INVALID',
    });
    expect(await getCdnFile(home, found)).toMatchObject({ error_code: 404, error_message: 'METHOD_INVALID' });
  });
});

describe('a file on the CDN', () => {
  test('is served directly without cdn_supported, as are other files with it', async () => {
    expect(await getFile(addFile('held'))).toMatchObject({ _: 'upload.file' });
    emulator.world.addChannel({ title: 'other' });
    const plain = emulator.world.addDocument({ size: 10 });
    expect(await getFile(plain, { cdn_supported: true })).toMatchObject({ _: 'upload.file' });
  });

  test('decrypts to the right bytes with the key of the redirect, from any offset', async () => {
    const document = addFile('held');
    const cdn = await toCdn();
    const found = await redirect(document);
    expect(found).toMatchObject({ _: 'upload.fileCdnRedirect', dc_id: 203 });
    for (const offset of [0, 512 * KIB, 1408 * KIB]) {
      const answer = await getCdnFile(cdn, found, BigInt(offset));
      const right = Buffer.from(fileBytes(document, offset, 64 * KIB));
      expect((answer['bytes'] as Buffer).equals(right)).toBe(false);
      expect(decrypted(found, answer, offset).equals(right)).toBe(true);
    }
    expect((await getCdnFile(cdn, found, BigInt(1536 * KIB)))['bytes']).toHaveLength(0);
    expect(await getCdnFile(cdn, found, 1024n)).toMatchObject({ error_message: 'OFFSET_INVALID' });
    expect(await getCdnFile(cdn, found, 0n, 12 * KIB)).toMatchObject({ error_message: 'LIMIT_INVALID' });
    expect(await getCdnFile(cdn, found, BigInt(1000 * KIB))).toMatchObject({ error_message: 'LIMIT_INVALID' });
  });

  test('has its first hashes in the redirect, and the others in upload.getCdnFileHashes', async () => {
    const document = addFile('held');
    const { file_token, file_hashes: first } = await redirect(document);
    const offset = 1280n * 1024n;
    const rest = (await home.call({ _: 'upload.getCdnFileHashes', file_token, offset })) as unknown as TlObject[];
    const hashes = [...(first as TlObject[]), ...rest];
    let end = 0;
    for (const it of hashes) {
      expect(it['offset']).toBe(BigInt(end));
      const bytes = fileBytes(document, end, it['limit'] as number);
      expect(it['hash']).toEqual(createHash('sha256').update(bytes).digest());
      end += bytes.length;
    }
    expect([(first as TlObject[]).length, end]).toEqual([10, SIZE]);
  });

  test('that is not cached must be uploaded first, with a request token', async () => {
    const cdn = await toCdn();
    const found = await redirect(addFile('not yet'));
    const { request_token, _ } = await getCdnFile(cdn, found);
    expect(_).toBe('upload.cdnFileReuploadNeeded');
    const reupload = (token: unknown, request: unknown): Promise<TlObject> =>
      home.call({ _: 'upload.reuploadCdnFile', file_token: token, request_token: request });
    const wrong = await reupload(found['file_token'], Buffer.alloc(32));
    expect(wrong).toMatchObject({ error_code: 400, error_message: 'REQUEST_TOKEN_INVALID' });
    const elsewhere = await reupload(Buffer.alloc(64), request_token);
    expect(elsewhere).toMatchObject({ error_code: 400, error_message: 'FILE_TOKEN_INVALID' });
    expect(await reupload(found['file_token'], request_token)).toHaveLength(10);
    expect(await getCdnFile(cdn, found)).toMatchObject({ _: 'upload.cdnFile' });
    expect(await reupload(found['file_token'], request_token)).toMatchObject({
      error_message: 'REQUEST_TOKEN_INVALID',
    });
  });
});

describe('on demand', () => {
  test('bytes can be corrupted or truncated', async () => {
    const document = addFile('held');
    const [cdn, found] = [await toCdn(), await redirect(document)];
    const right = Buffer.from(fileBytes(document, 0, 64 * KIB));
    emulator.faults.add({ method: 'upload.getCdnFile', kind: 'corrupt', times: 1 });
    const wrong = decrypted(found, await getCdnFile(cdn, found), 0);
    expect([wrong.length, wrong.equals(right)]).toEqual([64 * KIB, false]);
    emulator.faults.add({ method: 'upload.getCdnFile', kind: 'truncate', times: 1 });
    expect((await getCdnFile(cdn, found))['bytes']).toHaveLength(32 * KIB);
  });

  test('tokens can expire, and new ones are issued', async () => {
    const document = addFile('held');
    const [cdn, found] = [await toCdn(), await redirect(document)];
    emulator.faults.add({ method: 'upload.getCdnFile', kind: 'expire-cdn-tokens', times: 1 });
    expect(await getCdnFile(cdn, found)).toMatchObject({ error_code: 400, error_message: 'FILE_TOKEN_INVALID' });
    const fresh = await redirect(document);
    expect(fresh['file_token']).not.toEqual(found['file_token']);
    expect(decrypted(fresh, await getCdnFile(cdn, fresh), 0)).toEqual(Buffer.from(fileBytes(document, 0, 64 * KIB)));
  });

  test('the CDN can lose its cache', async () => {
    const [cdn, found] = [await toCdn(), await redirect(addFile('held'))];
    emulator.faults.add({ method: 'upload.getCdnFile', kind: 'drop-cdn-files', skip: 1, times: 1 });
    expect(await getCdnFile(cdn, found)).toMatchObject({ _: 'upload.cdnFile' });
    expect(await getCdnFile(cdn, found)).toMatchObject({ _: 'upload.cdnFileReuploadNeeded' });
  });
});
