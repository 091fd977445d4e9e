/**
 * name-template.ts: the templates of media.name and media.folder, such as "{id:10} {name}": text with placeholders in braces. Parsed once,
 * and checked so that names stay apart. Pure.
 */

/** Placeholders whose number is how many digits to pad to. */
const numbers = ['id', 'media'] as const;
/** Placeholders whose number is how many characters to keep. */
const texts = ['chat', 'title', 'date', 'topic', 'name', 'caption', 'ext'] as const;

type Placeholder = (typeof numbers)[number] | (typeof texts)[number];

/** A stretch of text, or a placeholder with its number. */
export type TemplatePart = string | { of: Placeholder; width?: number };

/** A template: the parts of each segment of a path; a name has one segment. */
export type NameTemplate = readonly (readonly TemplatePart[])[];

const maxSegments = 5;
const maxLength = 200;
const maxWidth = { digits: 19, characters: 255 };

/** What is wrong with a template, for a person, and what would be right. */
export class TemplateError extends Error {
  override name = 'TemplateError';
}

/** Parses media.name. Throws a {@link TemplateError}. */
export function parseNameTemplate(text: string): NameTemplate {
  const template = parse(text);
  if (template.length > 1) throw new TemplateError('must not contain "/"; folders belong into media.folder');
  if (!holds(template, ['id', 'media']))
    throw new TemplateError('needs {id} or {media}, or files of one name would be hard to tell apart');
  return template;
}

/** Parses media.folder. Throws a {@link TemplateError}. */
export function parseFolderTemplate(text: string): NameTemplate {
  const template = parse(text);
  if (template.length > maxSegments) throw new TemplateError(`at most ${maxSegments} folders within each other`);
  if (!holds(template, ['chat', 'title']))
    throw new TemplateError('needs {chat} or {title}, so that each chat has folders of its own');
  return template;
}

/** Whether a template has one of some placeholders. */
export function holds(template: NameTemplate, some: readonly Placeholder[]): boolean {
  return template.flat().some((it) => typeof it !== 'string' && some.includes(it.of));
}

function parse(text: string): NameTemplate {
  if (text.length > maxLength) throw new TemplateError(`at most ${maxLength} characters`);
  const foreign = /[\p{C}\\<>:"|?*]/u.exec(text.replace(/\{[^{}]*\}/g, ''));
  if (foreign) throw new TemplateError('contains a character that file names cannot have on every system');
  return text.split('/').map((segment) => {
    if (/^\s*$/.test(segment)) throw new TemplateError('has an empty folder name; no "/" at the start or the end');
    if (/^[.\s]|[.\s]$/.test(segment)) throw new TemplateError('no name may begin or end with a dot or a space');
    return partsOf(segment);
  });
}

function partsOf(segment: string): TemplatePart[] {
  return segment
    .split(/(\{[^{}]*\})/)
    .filter((it) => it !== '')
    .map((it) => {
      if (/^\{[^{}]*\}$/.test(it)) return placeholder(it.slice(1, -1));
      if (/[{}]/.test(it)) throw new TemplateError('has a brace without its other half; placeholders look like {id}');
      return it;
    });
}

function placeholder(inner: string): TemplatePart {
  const [, of = '', width] = /^([a-z]+)(?::(\d{1,3}))?$/.exec(inner) ?? [];
  const isNumber = (numbers as readonly string[]).includes(of);
  if (!isNumber && !(texts as readonly string[]).includes(of)) {
    const all = [...numbers, ...texts].map((it) => `{${it}}`).join(', ');
    throw new TemplateError(`has an unknown placeholder; there are ${all}, also with a number, such as {id:10}`);
  }
  if (width === undefined) return { of: of as Placeholder };
  if (of === 'chat') throw new TemplateError('{chat} takes no number; part of an id could be that of another chat');
  const max = isNumber ? maxWidth.digits : maxWidth.characters;
  if (Number(width) < 1 || Number(width) > max)
    throw new TemplateError(`{${of}} takes a number from 1 to ${max} after its colon`);
  return { of: of as Placeholder, width: Number(width) };
}
