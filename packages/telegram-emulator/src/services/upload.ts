/**
 * upload.ts: file parts and their hashes, by the rules of core.telegram.org/api/files.
 * A file is served by its own data centre only, for a reference that is still good, and never across a 1 MiB boundary.
 */
import { createHash } from 'node:crypto';
import { RpcError, type Call, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { storageTypeOf } from '../world/magic.js';
import type { Media } from '../world/media-file.js';
import { knownPeer } from '../world/resolve.js';
import type { World } from '../world/world.js';
import { accountOnly } from './account-only.js';

const KIB = 1024;
const MIB = KIB * KIB;
const HASHED = 128 * KIB;
const HASHES = 10;

/** What a location names: a file, one of its sizes, and that size's bytes. */
interface Target {
  readonly media: Media;
  readonly thumbSize: string;
  readonly size: number;
}

const bad = (message: string): RpcError => new RpcError(400, message);

function target(media: Media | undefined, thumbSize: string | undefined): Target {
  const size = thumbSize === undefined ? undefined : media?.sizeOf(thumbSize);
  if (!media || thumbSize === undefined || size === undefined) throw bad('LOCATION_INVALID');
  return { media, thumbSize, size };
}

/** The small or big profile photo of a user or chat: reached by its peer, without a reference. */
function profilePhoto(world: World, location: TlObject): Target {
  const chat = knownPeer(world, location['peer'] as TlObject);
  const photo = chat.kind === 'user' ? chat.user?.told.photo : chat.told.photo;
  if (photo?.id !== location['photo_id']) throw bad('LOCATION_INVALID');
  const wanted = location['big'] ? ['c', 'x', 'y'] : ['a', 'm', 's'];
  return target(photo, wanted.find((type) => photo?.sizeOf(type) !== undefined) ?? photo?.mainSize);
}

function fileAt(world: World, location: TlObject, dc: number): Target {
  if (location._ === 'inputPeerPhotoFileLocation') return migrated(profilePhoto(world, location), dc);
  const files = { inputPhotoFileLocation: world.photos, inputDocumentFileLocation: world.documents };
  const media: Media | undefined = files[location._ as keyof typeof files]?.get(location['id'] as bigint);
  if (media?.accessHash !== location['access_hash']) throw bad('LOCATION_INVALID');
  const found = migrated(target(media, location['thumb_size'] as string), dc);
  const state = world.references.judge(found.media, location['file_reference'] as Uint8Array);
  if (state !== 'valid') throw bad(`FILE_REFERENCE_${state.toUpperCase()}`);
  return found;
}

function migrated(found: Target, dc: number): Target {
  if (found.media.dc !== dc) throw new RpcError(303, `FILE_MIGRATE_${found.media.dc}`);
  return found;
}

/** Refuses what core.telegram.org/api/files forbids. */
export function checkRange(offset: number, limit: number, precise: boolean): void {
  const unit = precise ? KIB : 4 * KIB;
  if (limit <= 0 || limit > MIB || limit % unit !== 0 || (!precise && MIB % limit !== 0)) throw bad('LIMIT_INVALID');
  if (offset < 0 || offset % unit !== 0) throw bad('OFFSET_INVALID');
  if (Math.floor(offset / MIB) !== Math.floor((offset + limit - 1) / MIB)) throw bad('LIMIT_INVALID');
}

function getFile(world: World, { query, dc }: Call): TlObject {
  const offset = Number(query['offset']);
  const limit = query['limit'] as number;
  checkRange(offset, limit, query['precise'] === true);
  const { media, thumbSize } = fileAt(world, query['location'] as TlObject, dc);
  return {
    _: 'upload.file',
    type: { _: storageTypeOf(media.typeOf(thumbSize)) },
    mtime: media.date,
    bytes: media.bytes(thumbSize, offset, limit),
  };
}

function getFileHashes(world: World, { query, dc }: Call): TlObject[] {
  const first = Number(query['offset']);
  if (first < 0) throw bad('OFFSET_INVALID');
  const { media, thumbSize, size } = fileAt(world, query['location'] as TlObject, dc);
  const hashes: TlObject[] = [];
  for (let offset = first - (first % HASHED); offset < size && hashes.length < HASHES; offset += HASHED) {
    const bytes = media.bytes(thumbSize, offset, HASHED);
    const hash = createHash('sha256').update(bytes).digest();
    hashes.push({ _: 'fileHash', offset: BigInt(offset), limit: bytes.length, hash });
  }
  return hashes;
}

/** File parts. */
export const uploadService = (world: World): Service =>
  accountOnly(
    {
      'upload.getFile': (call) => getFile(world, call),
      'upload.getFileHashes': (call) => getFileHashes(world, call),
    },
    'anywhere',
  );
