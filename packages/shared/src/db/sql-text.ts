/**
 * sql-text.ts: composes statements with parameters from parts. The tags are named as in Prisma but work without it: its query compiler
 * takes more memory than everything else in a process. Pure.
 */

/** A part of a statement, with the values of its parameters. */
class SqlPart {
  constructor(
    readonly strings: readonly string[],
    readonly values: readonly unknown[],
  ) {}
}

/** A whole statement: its parameters are $1, $2, … in the text. */
export interface SqlText {
  text: string;
  values: unknown[];
}

/** Values become parameters, parts become text. */
export function sqlText(strings: readonly string[], values: readonly unknown[]): SqlText {
  const whole: SqlText = { text: '', values: [] };
  append(whole, strings, values);
  return whole;
}

function append(whole: SqlText, strings: readonly string[], values: readonly unknown[]): void {
  for (const [index, text] of strings.entries()) {
    whole.text += text;
    if (index === values.length) return;
    const value = values[index];
    if (value instanceof SqlPart) append(whole, value.strings, value.values);
    else whole.text += `$${whole.values.push(value)}`;
  }
}

export const Prisma = {
  sql: (strings: TemplateStringsArray, ...values: unknown[]) => new SqlPart(strings, values),
  /** Literal text: never a value that comes from outside. */
  raw: (text: string) => new SqlPart([text], []),
  empty: new SqlPart([''], []),
};
