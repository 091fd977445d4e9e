/** services.ts: a private Postgres and Redis for a run, which can be killed, restarted, emptied and cut off. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { Cable } from '@tgsync/testing/cable';
import { hasEnded } from '@tgsync/testing/fleet';
import { Redis } from 'ioredis';
import pg from 'pg';

export class OwnPostgres {
  private constructor(
    private readonly server: EmbeddedPostgres,
    readonly cable: Cable,
  ) {}

  static async start(folder: string): Promise<OwnPostgres> {
    mkdirSync(folder, { recursive: true });
    const server = await openEmbeddedPostgres(folder);
    return new OwnPostgres(server, await Cable.to(Number(new URL(server.url).port)));
  }

  /** Through the cable. */
  get url(): string {
    const url = new URL(this.server.url);
    url.port = String(this.cable.port);
    return url.href;
  }

  /** Like a power cut: no process of it can shut down cleanly. */
  async crash(): Promise<void> {
    const file = join(this.server.data, 'postmaster.pid');
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid)) await sleep(50);
    this.cable.drop();
    await this.server.restart();
  }

  /** Drops the queues with their tables; does nothing if they are in Redis. */
  async dropQueues(): Promise<void> {
    const client = new pg.Client({ connectionString: this.server.url });
    await client.connect();
    try {
      // Workers busy with a job may deadlock with this, and Postgres then aborts one of the two.
      for (let tries = 1; ; tries++) {
        try {
          await client.query('DROP SCHEMA IF EXISTS bullmq CASCADE');
          return;
        } catch (error) {
          if (tries === 20 || (error as { code?: string }).code !== '40P01') throw error;
        }
      }
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await this.cable.close();
    await this.server.stop();
    rmSync(this.server.data, { recursive: true, force: true }); // when run as root it is not in our folder
  }
}

export class OwnRedis {
  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private server: ChildProcess,
    readonly cable: Cable,
  ) {}

  static async start(folder: string): Promise<OwnRedis> {
    mkdirSync(folder, { recursive: true });
    const port = await freePort();
    return new OwnRedis(folder, port, await launch(folder, port), await Cable.to(port));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.cable.port}`;
  }

  async flush(): Promise<void> {
    const client = new Redis(this.port);
    await client.flushall();
    client.disconnect();
  }

  async crash(): Promise<void> {
    await this.kill();
    this.server = await launch(this.folder, this.port);
  }

  async stop(): Promise<void> {
    await this.cable.close();
    await this.kill();
  }

  private async kill(): Promise<void> {
    if (hasEnded(this.server)) return; // Ctrl-C reaches it, too
    const gone = once(this.server, 'exit');
    this.server.kill('SIGKILL');
    await gone;
  }
}

/** Starts it with its journal, as docker compose does. */
async function launch(folder: string, port: number): Promise<ChildProcess> {
  const options = {
    port: `${port}`,
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`redis-server exited with code ${server.exitCode}`);
    await sleep(50);
  }
  return server;
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
