/**
 * health.ts: is this process alive (/healthz), and can it do its work (/readyz)? What is wrong is said in a word for machines
 * and a line for people.
 */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';

/** Says what is wrong, or nothing. A probe that throws or takes too long is a problem too. */
export type Probe = () => Promise<string | undefined> | string | undefined;

export interface HealthReport {
  ready: boolean;
  /** What is wrong, by the name of the probe. */
  problems: Record<string, string>;
}

const probeMs = 3000;

export class Health {
  private readonly probes = new Map<string, Probe>();

  watch(name: string, probe: Probe): void {
    this.probes.set(name, probe);
  }

  async report(): Promise<HealthReport> {
    const results = await Promise.all([...this.probes].map(async ([name, probe]) => [name, await ask(probe)] as const));
    const problems = Object.fromEntries(results.filter((it): it is [string, string] => it[1] !== undefined));
    return { ready: Object.keys(problems).length === 0, problems };
  }
}

async function ask(probe: Probe): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('does not answer'), probeMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(probe), late]);
  } catch (error) {
    return (error as Error).message || 'does not answer';
  } finally {
    clearTimeout(timer);
  }
}

/** Serves /healthz and /readyz and nothing else, for apps without a page. */
export async function serveHealth(health: Health, port: number, host = '0.0.0.0'): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    if (request.url === '/healthz') return answer(200, { alive: true });
    if (request.url !== '/readyz') return answer(404, { error: 'there is /healthz and /readyz' });
    void health.report().then((report) => answer(report.ready ? 200 : 503, report));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
