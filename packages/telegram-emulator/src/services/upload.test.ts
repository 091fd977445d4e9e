/** File parts: the rules of core.telegram.org/api/files, data centres, references, sizes and hashes. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { RpcError } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { directClient, inputPeer, type Ask } from '../world/direct-client.js';
import { fileBytes, fileSha256, type Media } from '../world/media-file.js';
import { World, type WorldOptions } from '../world/world.js';
import { checkRange } from './upload.js';

const KIB = 1024;
const MIB = KIB * KIB;

function setUp(options: WorldOptions = {}) {
  const world = new World(options);
  const cats = world.addChannel({ title: 'Cats' });
  const document = world.addDocument({
    dc: 2,
    size: 3 * MIB + 77,
    mimeType: 'video/mp4',
    thumbs: [{ form: 'size', type: 'm', w: 9, h: 9, size: 500 }],
  });
  const photo = world.addPhoto({ dc: 2, size: 70_000 });
  cats.addMessage({ document });
  cats.addMessage({ photo });
  const ask = directClient(world);
  return { world, cats, document, photo, ask };
}

/** A location as a client builds it from the latest message. */
function location(world: World, media: Media, thumb_size = media.mainSize): TlObject {
  const _ = media.kind === 'photo' ? 'inputPhotoFileLocation' : 'inputDocumentFileLocation';
  return { _, id: media.id, access_hash: media.accessHash, file_reference: world.references.issue(media), thumb_size };
}

const getFile = (ask: Ask, at: TlObject, more: object = {}, dc = 2): TlObject =>
  ask('upload.getFile', { location: at, offset: 0n, limit: MIB, ...more }, { dc });

describe('upload.getFile', () => {
  test('serves a file in parts, whose hash matches the inventory', async () => {
    const { world, document, ask } = setUp();
    const hash = createHash('sha256');
    const at = location(world, document);
    for (let offset = 0n; ; offset += 65_536n) {
      const part = getFile(ask, at, { offset, limit: 65_536 })['bytes'] as Uint8Array;
      hash.update(part);
      if (part.length < 65_536) break;
    }
    expect(hash.digest('hex')).toBe(await fileSha256(document));
    const { files } = await world.inventory();
    expect(files.find((it) => it.id === document.id)).toMatchObject({
      size: document.size,
      sha256: await fileSha256(document),
    });
  });

  test('serves nothing beyond the end', () => {
    const { world, document, ask } = setUp();
    const at = location(world, document);
    expect(getFile(ask, at, { offset: BigInt(4 * MIB) })['bytes']).toHaveLength(0);
    expect(getFile(ask, at, { offset: BigInt(3 * MIB) })['bytes']).toHaveLength(77);
    const nothing = world.addDocument({ size: 0 });
    expect(getFile(ask, location(world, nothing))['bytes']).toHaveLength(0);
  });

  test('enforces the rules for offset and limit', () => {
    const refused = (offset: number, limit: number, precise = false): string | undefined => {
      try {
        checkRange(offset, limit, precise);
        return undefined;
      } catch (error) {
        return (error as RpcError).message;
      }
    };
    expect(refused(0, MIB)).toBeUndefined();
    expect(refused(4 * KIB, 4 * KIB)).toBeUndefined();
    expect(refused(0, 0)).toBe('LIMIT_INVALID');
    expect(refused(0, 1000)).toBe('LIMIT_INVALID');
    expect(refused(0, 12 * KIB)).toBe('LIMIT_INVALID');
    expect(refused(0, 2 * MIB)).toBe('LIMIT_INVALID');
    expect(refused(-4096, 4096)).toBe('OFFSET_INVALID');
    expect(refused(1024, 4096)).toBe('OFFSET_INVALID');
    expect(refused(512 * KIB, MIB)).toBe('LIMIT_INVALID');
    expect(refused(1024, 3 * KIB, true)).toBeUndefined();
    expect(refused(0, 12 * KIB, true)).toBeUndefined();
    expect(refused(MIB - KIB, 2 * KIB, true)).toBe('LIMIT_INVALID');
    expect(refused(100, KIB, true)).toBe('OFFSET_INVALID');
    expect(refused(0, 1500, true)).toBe('LIMIT_INVALID');
    expect(refused(0, MIB + KIB, true)).toBe('LIMIT_INVALID');
  });

  test('serves each size, with its type', () => {
    const { world, document, photo, ask } = setUp();
    expect(getFile(ask, location(world, document))['type']).toEqual({ _: 'storage.fileMp4' });
    const thumb = getFile(ask, location(world, document, 'm'));
    expect(thumb).toMatchObject({ type: { _: 'storage.fileJpeg' } });
    expect(thumb['bytes']).toHaveLength(500);
    expect(getFile(ask, location(world, photo, 'y'))['bytes']).toHaveLength(70_000);
    for (const size of ['i', 'q', ''])
      expect(() => getFile(ask, location(world, photo, size))).toThrow('LOCATION_INVALID');
  });

  test('works at one data centre only', () => {
    const { world, ask } = setUp();
    const far = world.addDocument({ dc: 4 });
    expect(() => getFile(ask, location(world, far))).toThrow(new RpcError(303, 'FILE_MIGRATE_4'));
    expect(getFile(ask, location(world, far), {}, 4)['bytes']).toHaveLength(far.size);
  });

  test('requires a login and the right access hash', () => {
    const { world, document, ask } = setUp();
    const at = location(world, document);
    expect(() => getFile(ask, { ...at, access_hash: 1n })).toThrow('LOCATION_INVALID');
    expect(() => getFile(ask, { ...at, id: 1n })).toThrow('LOCATION_INVALID');
    const query = { location: at, offset: 0n, limit: MIB };
    expect(() => ask('upload.getFile', query, { login: undefined })).toThrow(
      new RpcError(401, 'AUTH_KEY_UNREGISTERED'),
    );
  });

  test('serves profile photos by their peer', () => {
    const { world, ask } = setUp();
    const photo = world.addPhoto({
      sizes: [
        { form: 'size', type: 'a', w: 160, h: 160, size: 400 },
        { form: 'size', type: 'c', w: 640, h: 640, size: 900 },
      ],
    });
    const alice = world.addUser({ title: 'Alice', photo });
    const at = { _: 'inputPeerPhotoFileLocation', peer: inputPeer(world, alice.id), photo_id: photo.id };
    expect(getFile(ask, at)['bytes']).toHaveLength(400);
    expect(getFile(ask, { ...at, big: true })['bytes']).toHaveLength(900);
    expect(() => getFile(ask, { ...at, photo_id: 3n })).toThrow('LOCATION_INVALID');
  });
});

describe('file references', () => {
  test('expire on demand, all or some, and are renewed with the message', () => {
    const { world, cats, document, photo, ask } = setUp();
    const fresh = (): TlObject => {
      const id = [{ _: 'inputMessageID', id: 1 }];
      const channel = { _: 'inputChannel', channel_id: cats.bareId, access_hash: cats.accessHash };
      const { messages } = ask('channels.getMessages', { channel, id }) as unknown as { messages: TlObject[] };
      const media = messages[0]?.['media'] as { document: TlObject };
      return { ...location(world, document), file_reference: media.document['file_reference'] };
    };
    const old = fresh();
    const picture = location(world, photo);
    world.expireFileReferences([document]);
    expect(() => getFile(ask, old)).toThrow(new RpcError(400, 'FILE_REFERENCE_EXPIRED'));
    expect(getFile(ask, picture)['bytes']).toHaveLength(70_000);
    expect(getFile(ask, fresh())['bytes']).toHaveLength(MIB);
    world.expireFileReferences();
    expect(() => getFile(ask, picture)).toThrow('FILE_REFERENCE_EXPIRED');
  });

  test('expire by the clock', () => {
    let now = 1_800_000_000;
    const { world, document, ask } = setUp({ now: () => now, fileReferenceLifetime: 3_600 });
    const at = location(world, document);
    now += 3_599;
    expect(getFile(ask, at)['bytes']).toHaveLength(MIB);
    now += 1;
    expect(() => getFile(ask, at)).toThrow('FILE_REFERENCE_EXPIRED');
  });

  test('cannot be forged, nor used for another file', () => {
    const { world, document, photo, ask } = setUp();
    const at = location(world, document);
    const other = world.references.issue(photo);
    expect(() => getFile(ask, { ...at, file_reference: other })).toThrow('FILE_REFERENCE_INVALID');
    expect(() => getFile(ask, { ...at, file_reference: Uint8Array.from([1, 2, 3]) })).toThrow('FILE_REFERENCE_INVALID');
    expect(() => getFile(ask, { ...at, file_reference: new Uint8Array(0) })).toThrow('FILE_REFERENCE_EMPTY');
  });
});

describe('upload.getFileHashes', () => {
  test('returns the hashes of the following ranges', () => {
    const { world, document, ask } = setUp();
    const query = { location: location(world, document), offset: BigInt(2 * MIB) };
    const hashes = ask('upload.getFileHashes', query) as unknown as {
      offset: bigint;
      limit: number;
      hash: Uint8Array;
    }[];
    expect(hashes[0]?.offset).toBe(BigInt(2 * MIB));
    expect(hashes.at(-1)?.limit).toBe(77);
    for (const { offset, limit, hash } of hashes) {
      const bytes = fileBytes(document, Number(offset), limit);
      expect(Buffer.from(hash)).toEqual(createHash('sha256').update(bytes).digest());
    }
  });
});
