/** Whatever Telegram says in its JSON, only usable limits are taken. */
import { expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { downloadLimits } from './app-config.js';

const config = (values: Record<string, Api.TypeJSONValue>) =>
  new Api.help.AppConfig({
    hash: 1,
    config: new Api.JsonObject({
      value: Object.entries(values).map(([key, value]) => new Api.JsonObjectValue({ key, value })),
    }),
  });
const number = (value: number) => new Api.JsonNumber({ value });
const [small, large] = ['small', 'large'].map((it) => `${it}_queue_max_active_operations_count`) as [string, string];

test('the limits on files that are read at once', () => {
  expect(downloadLimits(config({ other: number(9), [small]: number(5), [large]: number(2) }))).toEqual({
    small: 5,
    large: 2,
  });
  expect(downloadLimits(config({ [small]: number(1e9), [large]: number(2.9) }))).toEqual({ small: 100, large: 2 });
});

test('none if one is missing or no number of files', () => {
  expect(downloadLimits(new Api.help.AppConfigNotModified())).toBeUndefined();
  expect(downloadLimits(config({ [small]: number(5) }))).toBeUndefined();
  for (const wrong of [
    number(0),
    number(-3),
    number(Number.NaN),
    new Api.JsonString({ value: '5' }),
    new Api.JsonNull(),
  ])
    expect(downloadLimits(config({ [small]: wrong, [large]: number(2) }))).toBeUndefined();
  expect(downloadLimits(new Api.help.AppConfig({ hash: 1, config: new Api.JsonArray({ value: [] }) }))).toBeUndefined();
});
