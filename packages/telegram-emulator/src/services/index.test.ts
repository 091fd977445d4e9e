import { expect, test } from 'vitest';
import { joinServices } from './index.js';

test('two services with the same method are an error', () => {
  const service = { 'help.getConfig': () => true };
  expect(Object.keys(joinServices([service, { 'help.getNearestDc': () => true }]))).toHaveLength(2);
  expect(() => joinServices([service, service])).toThrow('two services answer help.getConfig');
});
