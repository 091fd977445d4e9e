import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds, parseFolderTemplate, parseNameTemplate, TemplateError } from './name-template.js';

test('a template is text and placeholders, segment by segment', () => {
  expect(parseNameTemplate('{date} {id:10}_{name}')).toEqual([
    [{ of: 'date' }, ' ', { of: 'id', width: 10 }, '_', { of: 'name' }],
  ]);
  expect(parseFolderTemplate('{title}/{date:7}')).toEqual([[{ of: 'title' }], [{ of: 'date', width: 7 }]]);
  expect(holds(parseFolderTemplate('x/{title}'), ['title'])).toBe(true);
  expect(holds(parseFolderTemplate('x/{chat}'), ['title'])).toBe(false);
});

describe('refused with what would be right', () => {
  test.for([
    ['{id} {nam}', 'unknown placeholder; there are {id}, {media}, {chat}'],
    ['{id:x}', 'unknown placeholder'],
    ['{id', 'brace without its other half'],
    ['{id} }', 'brace without its other half'],
    ['{id:0}', '{id} takes a number from 1 to 19'],
    ['{id} {caption:300}', '{caption} takes a number from 1 to 255'],
    ['{id} {chat:3}', '{chat} takes no number'],
    ['{date} {name}', 'needs {id} or {media}'],
    ['{date}/{id}', 'must not contain "/"'],
    ['', 'empty folder name'],
    ['{id}:{name}', 'file names cannot have'],
    ['{id}\u202E', 'file names cannot have'],
    [' {id}', 'begin or end with a dot or a space'],
    ['{id}'.padEnd(201, 'x'), 'at most 200 characters'],
  ] as const)('name %j', ([text, problem]) => {
    expect(() => parseNameTemplate(text)).toThrow(problem);
    expect(() => parseNameTemplate(text)).toThrow(TemplateError);
  });

  test.for([
    ['{date}', 'needs {chat} or {title}'],
    ['/{chat}', 'empty folder name'],
    ['{chat}/', 'empty folder name'],
    ['{chat}/../x', 'begin or end with a dot'],
    ['.hidden/{chat}', 'begin or end with a dot'],
    ['{chat}/a/b/c/d/e', 'at most 5 folders'],
  ] as const)('folder %j', ([text, problem]) => {
    expect(() => parseFolderTemplate(text)).toThrow(problem);
  });
});

test('any text is a template or refused', () => {
  const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom('{id}', '{', '}', '{chat', ':9}', '/', '..')));
  fc.assert(
    fc.property(pieces, (some) => {
      for (const parse of [parseNameTemplate, parseFolderTemplate]) {
        try {
          expect(parse(some.join('')).flat().length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
        }
      }
    }),
  );
});
