/** Disk errors are reported with the path, the remedy and the code; other errors are not disk errors. */
import { expect, test } from 'vitest';
import { diskTrouble, isOfWholeDisk } from './disk-errors.js';

const refusal = (code: string, more: object = {}) =>
  Object.assign(new Error(code), { code, path: '/media/5/a', ...more });

test.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ESTALE', 'ENOTCONN'])('%s has a remedy', (code) => {
  expect(diskTrouble(refusal(code))).toMatch(new RegExp(`^/media/5/a: .{20,} \\(${code}\\)$`));
  expect(diskTrouble(refusal(code), '/media')).toMatch(/^\/media: /);
});

test('for a rename or a link, the new name is reported', () => {
  expect(diskTrouble(refusal('ENOSPC', { dest: '/media/7/b' }))).toMatch(/^\/media\/7\/b: /);
});

test('other errors are not disk errors', () => {
  expect(diskTrouble(new Error('no'))).toBeUndefined();
  expect(diskTrouble(refusal('ENOENT'))).toBeUndefined();
  expect(isOfWholeDisk(refusal('ECONNRESET'))).toBe(false);
});

test('a folder of another user is not a problem of the whole disk', () => {
  expect(isOfWholeDisk(refusal('EACCES'))).toBe(false);
  expect(isOfWholeDisk(refusal('EDQUOT'))).toBe(true);
});
