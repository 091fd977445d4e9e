/**
 * upload.ts: file parts and their hashes, by the rules of core.telegram.org/api/files.
 * A file is served only by its own data centre, for a valid reference, and never across a 1 MiB boundary.
 */
import type { CdnFiles, CdnToken } from '../cdn-files.js';
import { CDN_DC } from '../data-centres.js';
import { RpcError, type Call, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { storageTypeOf } from '../world/magic.js';
import type { Media } from '../world/media-file.js';
import { photoPeer } from '../world/resolve.js';
import type { World } from '../world/world.js';
import { accountOnly } from './account-only.js';
import { fileHashes, type Target } from './file-hashes.js';

const KIB = 1024;
const MIB = KIB * KIB;

const bad = (message: string): RpcError => new RpcError(400, message);

function target(media: Media | undefined, thumbSize: string | undefined): Target {
  const size = thumbSize === undefined ? undefined : media?.sizeOf(thumbSize);
  if (!media || thumbSize === undefined || size === undefined) throw bad('LOCATION_INVALID');
  return { media, thumbSize, size };
}

/** The small or large profile photo of a user or chat, which is reached through its peer, without a reference. */
function profilePhoto(world: World, location: TlObject): Target {
  const chat = photoPeer(world, location['peer'] as TlObject);
  const photo = chat.kind === 'user' ? chat.user?.options.photo : chat.options.photo;
  if (photo?.id !== location['photo_id']) throw bad('LOCATION_INVALID');
  const wanted = location['big'] ? ['c', 'x', 'y'] : ['a', 'm', 's'];
  return target(photo, wanted.find((type) => photo?.sizeOf(type) !== undefined) ?? photo?.mainSize);
}

function fileAt(world: World, location: TlObject, dc: number): Target {
  if (location._ === 'inputPeerPhotoFileLocation') return migrated(profilePhoto(world, location), dc);
  const files = { inputPhotoFileLocation: world.photos, inputDocumentFileLocation: world.documents };
  const media: Media | undefined = files[location._ as keyof typeof files]?.get(location['id'] as bigint);
  const hash = location['access_hash'] as bigint;
  if (media?.hasMovedFrom(hash)) throw bad('LOCATION_NOT_AVAILABLE');
  if (media?.accessHash !== hash) throw bad('LOCATION_INVALID');
  const state = world.references.judge(media, location['file_reference'] as Uint8Array);
  if (state === 'moved') throw bad('LOCATION_NOT_AVAILABLE');
  const found = migrated(target(media, location['thumb_size'] as string), dc);
  if (state !== 'valid') throw bad(`FILE_REFERENCE_${state.toUpperCase()}`);
  return found;
}

function migrated(found: Target, dc: number): Target {
  if (found.media.dc !== dc) throw new RpcError(303, `FILE_MIGRATE_${found.media.dc}`);
  return found;
}

/** Throws an {@link RpcError} for ranges that core.telegram.org/api/files forbids. */
export function checkRange(offset: number, limit: number, precise: boolean): void {
  const unit = precise ? KIB : 4 * KIB;
  if (limit <= 0 || limit > MIB || limit % unit !== 0 || (!precise && MIB % limit !== 0)) throw bad('LIMIT_INVALID');
  if (offset < 0 || offset % unit !== 0) throw bad('OFFSET_INVALID');
  if (Math.floor(offset / MIB) !== Math.floor((offset + limit - 1) / MIB)) throw bad('LIMIT_INVALID');
}

function getFile(world: World, cdn: CdnFiles, { query, dc }: Call): TlObject {
  const offset = Number(query['offset']);
  const limit = query['limit'] as number;
  checkRange(offset, limit, query['precise'] === true);
  const found = fileAt(world, query['location'] as TlObject, dc);
  const { media, thumbSize } = found;
  if (media.cdn && query['cdn_supported'] === true) return redirect(cdn.tokenFor(found), world.hashRange);
  return {
    _: 'upload.file',
    type: { _: storageTypeOf(media.typeOf(thumbSize)) },
    mtime: media.date,
    bytes: media.bytes(thumbSize, offset, limit),
  };
}

/** Where to get the file instead, and the hashes of its first ranges. */
function redirect({ token, key, iv, target }: CdnToken, hashRange: number): TlObject {
  return {
    _: 'upload.fileCdnRedirect',
    dc_id: CDN_DC,
    file_token: token,
    encryption_key: key,
    encryption_iv: iv,
    file_hashes: fileHashes(target, 0, hashRange),
  };
}

function offsetOf(query: TlObject): number {
  const offset = Number(query['offset']);
  if (offset < 0) throw bad('OFFSET_INVALID');
  return offset;
}

function getFileHashes(world: World, { query, dc }: Call): TlObject[] {
  const offset = offsetOf(query);
  return fileHashes(fileAt(world, query['location'] as TlObject, dc), offset, world.hashRange);
}

/** The service for file parts. */
export const uploadService = (world: World, cdn: CdnFiles): Service =>
  accountOnly(
    {
      'upload.getFile': (call) => getFile(world, cdn, call),
      'upload.getFileHashes': (call) => getFileHashes(world, call),
      'upload.reuploadCdnFile': ({ query, dc }) => {
        const token = cdn.reupload(query['file_token'] as Uint8Array, query['request_token'] as Uint8Array, dc);
        return fileHashes(token.target, 0, world.hashRange);
      },
      'upload.getCdnFileHashes': ({ query, dc }) => {
        const { target } = cdn.atHome(query['file_token'] as Uint8Array, dc);
        return fileHashes(target, offsetOf(query), world.hashRange);
      },
    },
    'anywhere',
  );
