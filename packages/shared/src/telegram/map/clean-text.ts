/** clean-text.ts: Postgres refuses NUL and lone surrogates; both become U+FFFD, nothing else changes. */
export function cleanText(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\uFFFD');
}
