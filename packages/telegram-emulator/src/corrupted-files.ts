/**
 * corrupted-files.ts: what faults do to file bytes on their way. Pure.
 */
import type { TlObject } from './tl/value.js';

/** Changes the bytes of an answer that carries part of a file. */
function withBytes(value: unknown, change: (bytes: Uint8Array) => Uint8Array): unknown {
  const file = value as TlObject | undefined;
  if (file?._ !== 'upload.file' && file?._ !== 'upload.cdnFile') return value;
  return { ...file, bytes: change(file['bytes'] as Uint8Array) };
}

/** Cuts off the end. */
export const truncated = (value: unknown, keep: number | undefined): unknown =>
  withBytes(value, (bytes) => bytes.subarray(0, keep ?? bytes.length >> 1));

/** Flips one bit. */
export const corrupted = (value: unknown, at: number | undefined): unknown =>
  withBytes(value, (bytes) => {
    const wrong = Uint8Array.from(bytes);
    const index = Math.min(at ?? bytes.length >> 1, bytes.length - 1);
    if (index >= 0) wrong[index]! ^= 1;
    return wrong;
  });
