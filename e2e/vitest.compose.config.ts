/** Tests of docker compose, run only by `npm run test:compose`: they build an image and take minutes. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['src/compose/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    bail: 1, // each test starts where the previous one ended
  },
});
