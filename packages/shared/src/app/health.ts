/**
 * health.ts: is this process alive (/healthz), and can it do its work (/readyz)? Anyone may see which probes fail; the reasons, which
 * may name paths and hosts, require the dashboard's password.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { asCalled } from './called-as.js';
import { isBasicAuth } from './basic-auth.js';
import { healthPage } from './health-page.js';
import { limitConnections, patience } from './http-limits.js';

/** Returns what is wrong, or undefined. A probe that throws or takes too long counts as a problem. */
export type Probe = () => Promise<string | undefined> | string | undefined;

export interface HealthReport {
  ready: boolean;
  /** What is wrong, by the name of the probe. */
  problems: Record<string, string>;
  /** What else is worth knowing, by name, such as when something happened last. */
  facts?: Record<string, string>;
}

const probeMs = 3000;

/** The probes of an app, by name. */
export class Health {
  private readonly probes = new Map<string, Probe>();
  private readonly facts = new Map<string, Probe>();

  watch(name: string, probe: Probe): void {
    this.probes.set(name, probe);
  }

  /** Reports a fact beside the problems; undefined: there is nothing to report. */
  note(name: string, fact: Probe): void {
    this.facts.set(name, fact);
  }

  async report(): Promise<HealthReport> {
    const failing = await answersOf(this.probes);
    const problems = Object.fromEntries(failing.map(([name, reason]) => [name, asCalled(reason)]));
    const facts = Object.fromEntries(await answersOf(this.facts));
    return { ready: failing.length === 0, problems, ...(this.facts.size > 0 && { facts }) };
  }
}

async function answersOf(probes: ReadonlyMap<string, Probe>): Promise<[string, string][]> {
  const results = await Promise.all([...probes].map(async ([name, probe]) => [name, await ask(probe)] as const));
  return results.filter((it): it is [string, string] => it[1] !== undefined);
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

/** What anyone may see: the names of the failing probes. */
export function forStrangers({ ready, problems }: HealthReport): HealthReport {
  return { ready, problems: Object.fromEntries(Object.keys(problems).map((it) => [it, 'failing'])) };
}

export interface HealthServerOptions {
  host?: string;
  /** Whoever knows it may read what is wrong; undefined: there is no password (yet), so nobody may. */
  password: () => string | undefined;
  limits?: typeof patience;
}

/** Serves /healthz and /readyz, and to browsers a page that says what is wrong: for apps without a page of their own. */
export async function serveHealth(
  health: Health,
  port: number,
  { host = '0.0.0.0', password, limits = patience }: HealthServerOptions,
): Promise<Server> {
  const server = createServer(limits, (request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    if (request.url === '/healthz') return answer(200, { alive: true });
    const isPage = request.url !== '/readyz';
    if (isPage && !request.headers.accept?.includes('text/html'))
      return answer(404, { error: 'not found; try /healthz or /readyz' });
    void health.report().then((report) => {
      const expected = password();
      const isInsider = expected !== undefined && isBasicAuth(request.headers.authorization, expected);
      if (!isPage) return answer(report.ready ? 200 : 503, isInsider ? report : forStrangers(report));
      const asks = expected !== undefined && !isInsider && !report.ready;
      response.writeHead(asks ? 401 : report.ready ? 200 : 503, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ...(asks ? { 'www-authenticate': 'Basic realm="tgsync", charset="UTF-8"' } : {}),
      });
      response.end(healthPage(isInsider ? report : forStrangers(report)));
    });
  });
  limitConnections(server).listen(port, host);
  await once(server, 'listening');
  return server;
}
