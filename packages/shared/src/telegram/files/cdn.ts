/** cdn.ts: CDN redirects and their encryption: AES-256-CTR, starting at any block. Pure. */
import { createDecipheriv } from 'node:crypto';
import type { Api } from '../wire/gramjs.js';

/** Where to get a popular file, and how to decrypt it. */
export interface Redirect {
  dcId: number;
  token: Buffer;
  key: Buffer;
  iv: Buffer;
}

export function redirectOf(it: Api.upload.FileCdnRedirect): Redirect {
  if (it.encryptionKey.length !== 32 || it.encryptionIv.length !== 16)
    throw new Error('Telegram sent an invalid key for the CDN');
  return { dcId: it.dcId, token: it.fileToken, key: it.encryptionKey, iv: it.encryptionIv };
}

/** Decrypts bytes. The last four bytes of the iv are the block number; `offset` is the start of a block. */
export function decrypted({ key, iv }: Redirect, offset: number, bytes: Uint8Array): Buffer {
  const counter = Buffer.from(iv);
  counter.writeUInt32BE((offset / 16) >>> 0, 12);
  return createDecipheriv('aes-256-ctr', key, counter).update(bytes);
}
