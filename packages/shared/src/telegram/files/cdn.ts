/** cdn.ts: what a redirect to a CDN says, and its encryption: AES-256-CTR from any block on. Pure. */
import { createDecipheriv } from 'node:crypto';
import type { Api } from '../wire/gramjs.js';

/** Where a popular file is to be had, and how it is to be read. */
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

/** The bytes behind encrypted ones. In the iv, the last four bytes are the number of the block; `offset` begins one. */
export function decrypted({ key, iv }: Redirect, offset: number, bytes: Uint8Array): Buffer {
  const counter = Buffer.from(iv);
  counter.writeUInt32BE((offset / 16) >>> 0, 12);
  return createDecipheriv('aes-256-ctr', key, counter).update(bytes);
}
