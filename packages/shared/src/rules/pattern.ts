/** pattern.ts: regular expressions from config.json. RE2 takes linear time whatever the pattern, so that none can hang a worker. Pure. */
import { RE2JS } from 're2js';

/** The patterns in use; an archive has few. */
const compiled = new Map<string, RE2JS>();

/** Whether the pattern occurs in the text. Throws if it is no regular expression of RE2: see {@link patternProblem}. */
export function finds(pattern: string, text: string | null): boolean {
  let regex = compiled.get(pattern);
  if (!regex) {
    if (compiled.size >= 1000) compiled.clear();
    regex = RE2JS.compile(pattern);
    compiled.set(pattern, regex);
  }
  return regex.matcher(text ?? '').find();
}

/** Why this is no regular expression of RE2; undefined if it is one. */
export function patternProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^error parsing regexp: /, '');
  }
}
