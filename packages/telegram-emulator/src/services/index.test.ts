import { expect, test } from 'vitest';
import { joinServices } from './index.js';

test('two services with one method are a mistake', () => {
  const service = { 'help.getConfig': () => true };
  expect(Object.keys(joinServices([service, { 'help.getNearestDc': () => true }]))).toHaveLength(2);
  expect(() => joinServices([service, service])).toThrow('two services answer help.getConfig');
});
