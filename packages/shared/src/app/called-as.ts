/**
 * called-as.ts: messages name commands as `tgsync …`; people see them as they run them here: through npm or docker compose. The text is
 * replaced where lines leave the process, so it holds for every message.
 */

let name = 'npm run -s tgsync --';

/** As the environment says; undefined: run through npm. */
export function setCalledAs(calledAs: string | undefined): void {
  if (calledAs !== undefined) name = calledAs;
}

/** The text with each `tgsync …` command as people run it here. */
export function asCalled(text: string): string {
  return text.replace(/`tgsync (?=[a-z])/g, `\`${name} `);
}
