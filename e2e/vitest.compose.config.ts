/** The test of docker compose, by `npm run test:compose` alone: it builds an image and takes minutes. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['src/compose/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    bail: 1, // each step begins where the one before ended
  },
});
