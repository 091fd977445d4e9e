/** For an unknown username, those that were probably meant are suggested, the closest first. */
import { expect, test } from 'vitest';
import { nearestNames } from './nearest-names.js';

const known = ['City_News', 'city_mews_2', 'cats'].map((username) => ({ username, title: username }));

test.each([
  ['city_mews', ['City_News', 'city_mews_2']],
  ['CITY_NEWS', ['City_News']],
  ['cat', ['cats']],
  ['nothing_like_it', []],
])('%s: %j', (name, expected) => {
  expect(nearestNames(name, known).map((it) => it.username)).toEqual(expected);
});
