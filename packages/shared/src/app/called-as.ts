/**
 * called-as.ts: sentences name commands as `tgsync …`; a person reads them as they are called here: by npm, or by docker compose. It is
 * done where lines leave the process, so that every sentence is told so, whoever wrote it.
 */

let name = 'npm run -s tgsync --';

/** As the environment says; undefined: by npm. */
export function setCalledAs(calledAs: string | undefined): void {
  if (calledAs !== undefined) name = calledAs;
}

export function asCalled(text: string): string {
  return text.replace(/`tgsync (?=[a-z])/g, `\`${name} `);
}
