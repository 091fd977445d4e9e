/** Messages name commands the way the person runs them. */
import { expect, test } from 'vitest';
import { asCalled, setCalledAs } from './called-as.js';

test('through npm, or as the environment says', () => {
  const words = 'login needed: run `tgsync login`; or try `tgsync login --qr`, with tgsync itself';
  expect(asCalled(words)).toBe(
    'login needed: run `npm run -s tgsync -- login`; or try `npm run -s tgsync -- login --qr`, with tgsync itself',
  );
  setCalledAs(undefined);
  expect(asCalled('`tgsync repair`')).toBe('`npm run -s tgsync -- repair`');
  setCalledAs('docker compose run --rm tgsync');
  try {
    expect(asCalled('`tgsync repair` fixes it')).toBe('`docker compose run --rm tgsync repair` fixes it');
    expect(asCalled(asCalled('`tgsync repair`'))).toBe('`docker compose run --rm tgsync repair`');
  } finally {
    setCalledAs('npm run -s tgsync --');
  }
});
