/** What counts as damage and what as the person's own doing, for every way files get into chat folders. */
import { describe, expect, test } from 'vitest';
import type { LinkMode } from '@tgsync/shared/config';
import { type Found, isLeftoverInIncoming, isLeftoverInTemp, judgeFile, judgeLink } from './judge.js';

const nothing: Found = { type: 'nothing' };
const file = (inode: string, size = 10n): Found => ({ type: 'file', inode, size });
const repo = file('1:7');
const sick: Found = { type: 'unreadable', problem: 'EIO: i/o error' };
const target = '../documents-by-id/5.zip';
const symlink = (to: string): Found => ({ type: 'symlink', target: to });

describe('a saved file', () => {
  const media = { size: 10n, damagedAt: null };
  test.each([
    ['as it should be', repo, 'right'],
    ['with another size', file('1:7', 9n), 'size'],
    ['a symbolic link in its place', symlink('elsewhere'), 'not-regular'],
    ['a folder in its place', { type: 'other' } as const, 'not-regular'],
    ['that is not there', nothing, 'deleted'],
    ['that the disk does not give', sick, 'unreadable'],
  ])('%s', (_what, found, verdict) => {
    expect(judgeFile(media, found, false)).toBe(verdict);
  });

  test('that a repair moved aside was not deleted; one that was only found damaged was', () => {
    const damaged = { size: 10n, damagedAt: new Date() };
    expect(judgeFile(damaged, nothing, true)).toBe('moved-aside');
    expect(judgeFile(damaged, nothing, false)).toBe('deleted');
    expect(judgeFile(media, nothing, true)).toBe('deleted');
  });
});

describe('a link', () => {
  const other = file('1:8');
  const cases: [LinkMode, string, Found, Found, string][] = [
    ['hard', 'of the same inode', repo, repo, 'right'],
    ['hard', 'that is not there', repo, nothing, 'deleted'],
    ['hard', 'neither there nor its file', nothing, nothing, 'deleted'],
    ['hard', 'whose file was deleted', nothing, other, 'beside-deleted'],
    ['hard', 'of the same inode number on another disk', repo, file('2:7'), 'other-file'],
    ['hard', 'that is a copy', repo, other, 'other-file'],
    ['hard', 'that is a symbolic link into the repo', repo, symlink(target), 'other-file'],
    ['hard', 'that the disk does not give', repo, sick, 'unreadable'],
    ['hard', 'whose file the disk does not give', sick, other, 'unreadable'],
    ['copy', 'that is a copy', repo, other, 'right'],
    ['copy', 'of another size', repo, file('1:8', 9n), 'other-file'],
    ['copy', 'that was hard-linked before', repo, repo, 'right'],
    ['copy', 'that is not there', repo, nothing, 'deleted'],
    ['symlink', 'into the repo', repo, symlink(target), 'right'],
    ['symlink', 'to anywhere else', repo, symlink('/etc/passwd'), 'other-file'],
    ['symlink', 'whose file was deleted', nothing, symlink(target), 'beside-deleted'],
    ['symlink', 'that is a copy', repo, other, 'other-file'],
    ['none', 'that is not there', repo, nothing, 'right'],
    ['none', 'that was hard-linked before', repo, repo, 'right'],
    ['none', 'that was a copy before', repo, other, 'right'],
    ['none', 'that was a symbolic link before', repo, symlink(target), 'right'],
    ['none', 'of another size', repo, file('1:8', 9n), 'other-file'],
  ];
  test.each(cases)('(%s) %s', (mode, _what, inRepo, link, verdict) => {
    expect(judgeLink(mode, inRepo, link, { size: 10n, target, copied: false })).toBe(verdict);
  });

  test.each<[string, Found, string]>([
    ['a copy', other, 'right'],
    ['linked after all', repo, 'right'],
    ['of another size', file('1:8', 9n), 'other-file'],
    ['not there', nothing, 'deleted'],
  ])('that the disk refused, %s', (_what, link, verdict) => {
    expect(judgeLink('hard', repo, link, { size: 10n, target, copied: true })).toBe(verdict);
  });
});

describe('a leftover', () => {
  const of = (state: 'owed' | 'saved' | 'failed' | 'gone', isClaimed = false) => ({ state, isClaimed, size: 10n });
  test('in /temp is a download that nobody will continue', () => {
    expect(isLeftoverInTemp(undefined)).toBe(true);
    expect(isLeftoverInTemp(of('saved'))).toBe(true);
    expect(isLeftoverInTemp(of('gone'))).toBe(true);
    expect(isLeftoverInTemp(of('saved', true))).toBe(false);
    expect(isLeftoverInTemp(of('owed'))).toBe(false);
    expect(isLeftoverInTemp(of('failed'))).toBe(false);
  });

  test('in .incoming is neither claimed nor a complete file that is owed', () => {
    expect(isLeftoverInIncoming(undefined, 'photo-5.jpg', repo)).toBe(true);
    expect(isLeftoverInIncoming(of('saved'), 'photo-5.jpg', repo)).toBe(true);
    expect(isLeftoverInIncoming(of('owed'), 'photo-5.jpg', repo)).toBe(false);
    expect(isLeftoverInIncoming(of('owed'), 'photo-5.jpg.copy', repo)).toBe(true);
    expect(isLeftoverInIncoming(of('owed'), 'photo-5.jpg.-9.link', repo)).toBe(true);
    expect(isLeftoverInIncoming(of('owed'), '/media/.incoming/document-5.copy', repo)).toBe(false); // a stranger's file with such a name
    expect(isLeftoverInIncoming(of('owed'), 'photo-5.jpg', file('1:7', 9n))).toBe(true);
    for (const state of ['owed', 'saved', 'gone'] as const)
      expect(isLeftoverInIncoming(of(state, true), 'photo-5.jpg.copy', repo)).toBe(false);
  });
});
