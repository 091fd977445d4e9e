/**
 * cdn.ts: the one method of the CDN (core.telegram.org/cdn), which knows tokens but no accounts, and serves encrypted bytes.
 */
import { createCipheriv } from 'node:crypto';
import type { CdnFiles, CdnToken } from '../cdn-files.js';
import type { Call, Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { checkRange } from './upload.js';

/** AES-256-CTR from any offset: the last four bytes of the iv become the block number. */
function encrypted({ key, iv }: CdnToken, offset: number, bytes: Uint8Array): Buffer {
  const counter = Buffer.from(iv);
  counter.writeUInt32BE(offset / 16, 12);
  return createCipheriv('aes-256-ctr', key, counter).update(bytes);
}

function getCdnFile(cdn: CdnFiles, { query }: Call): TlObject {
  const offset = Number(query['offset']);
  const limit = query['limit'] as number;
  checkRange(offset, limit, false);
  const token = cdn.find(query['file_token'] as Uint8Array);
  if (!cdn.holds(token)) return { _: 'upload.cdnFileReuploadNeeded', request_token: cdn.requestToken(token) };
  const { media, thumbSize } = token.target;
  return { _: 'upload.cdnFile', bytes: encrypted(token, offset, media.bytes(thumbSize, offset, limit)) };
}

/** The CDN's service. */
export const cdnService = (cdn: CdnFiles): Service => ({ 'upload.getCdnFile': (call) => getCdnFile(cdn, call) });
