/**
 * stack.ts: docker compose for a test: a project with its own image, ports and folders, so that it can run next to others. It is removed at
 * the end, and leftovers of a killed run at the next start.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const prefix = 'tgsync-test-';
const maxBuffer = 64 * 1024 * 1024;

export interface StatusReport {
  chats: { id: string; messages: number; state: string; owedIds: string; mediaOwed: number; mediaFailed: number }[];
  failed: { kind: string; id: string }[];
}

export class Stack {
  readonly project = `${prefix}${process.pid}`;
  readonly appdata: string;
  readonly media: string;
  readonly temp: string;
  readonly uid = process.getuid?.() || 1234;
  readonly gid = process.getgid?.() || 1234;
  dashboard!: string;
  private control!: string;
  private env!: NodeJS.ProcessEnv;

  private constructor(private readonly folder: string) {
    this.appdata = join(folder, 'appdata');
    this.media = join(folder, 'media');
    this.temp = join(folder, 'temp');
  }

  static async make(): Promise<Stack> {
    await sweep();
    const stack = new Stack(mkdtempSync(join(tmpdir(), prefix)));
    const [dashboardPort, controlPort] = await freePorts(2);
    mkdirSync(join(stack.folder, 'appdata'));
    stack.dashboard = `http://127.0.0.1:${dashboardPort}`;
    stack.control = `http://127.0.0.1:${controlPort}`;
    stack.env = {
      ...process.env,
      COMPOSE_PROJECT_NAME: stack.project,
      COMPOSE_FILE: `${root}docker-compose.yaml:${fileURLToPath(new URL('ports.yaml', import.meta.url))}`,
      COMPOSE_PROFILES: 'demo',
      TGSYNC_IMAGE: stack.project,
      APPDATA_DIR: join(stack.folder, 'appdata'),
      MEDIA_DIR: stack.media,
      TEMP_DIR: stack.temp,
      PUID: `${stack.uid}`,
      PGID: `${stack.gid}`,
      DASHBOARD_PORT: `${dashboardPort}`,
      TELEGRAM_CONTROL_PORT: `${controlPort}`,
    };
    await stack.compose('build');
    return stack;
  }

  async compose(...args: string[]): Promise<string> {
    return await this.composeWith({}, ...args);
  }

  /** Runs compose with additional settings in `.env`. */
  async composeWith(more: Record<string, string>, ...args: string[]): Promise<string> {
    const options = { cwd: root, env: { ...this.env, ...more }, maxBuffer };
    return (await run('docker', ['compose', '--progress=quiet', ...args], options)).stdout;
  }

  /** Runs compose with standard input. */
  async composeFed(input: string, ...args: string[]): Promise<void> {
    const child = spawn('docker', ['compose', '--progress=quiet', ...args], { cwd: root, env: this.env });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`docker compose ${args.join(' ')}: exit code ${code}\n${stderr}`);
  }

  async removeVolume(name: string): Promise<void> {
    await run('docker', ['volume', 'rm', `${this.project}_${name}`]);
  }

  /** `docker compose run --rm tgsync …` with answers on standard input, one per line. */
  async tgsync(args: readonly string[], answers: readonly string[] = []): Promise<string> {
    const child = spawn('docker', ['compose', '--progress=quiet', 'run', '--rm', '-T', 'tgsync', ...args], {
      cwd: root,
      env: this.env,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.stdin.end(answers.map((it) => `${it}\n`).join(''));
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`tgsync ${args.join(' ')}: exit code ${code}\n${stderr}`);
    return stdout + stderr;
  }

  async status(): Promise<StatusReport> {
    const text = await this.tgsync(['status', '--json']);
    return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as StatusReport;
  }

  /** Calls the emulator's control interface. */
  async telegram<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(this.control + path, { method, ...(body && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  readConfig(): { tg: { chats: Record<string, object> } & Record<string, unknown> } {
    return JSON.parse(readFileSync(join(this.folder, 'appdata', 'config.json'), 'utf8')) as never;
  }

  writeConfig(config: object): void {
    writeFileSync(join(this.folder, 'appdata', 'config.json'), JSON.stringify(config));
  }

  /** Containers of a service, or of the whole project. */
  async containers(service?: string): Promise<string[]> {
    return (await this.compose('ps', '--quiet', ...(service ? [service] : []))).split('\n').filter(Boolean);
  }

  async inspect(container: string): Promise<{ pid: number; restarts: number; health: string }> {
    const { stdout } = await run('docker', ['inspect', container]);
    const [it] = JSON.parse(stdout) as [{ State: { Pid: number; Health?: { Status: string } }; RestartCount: number }];
    return { pid: it.State.Pid, restarts: it.RestartCount, health: it.State.Health?.Status ?? 'none' };
  }

  /** A worker's answer on /readyz, requested inside its container. */
  async problems(container: string): Promise<Record<string, string>> {
    const asked = run('docker', ['exec', container, '/app/docker/health.sh']);
    const { stdout } = await asked.catch((error: { stdout: string }) => error);
    return stdout.startsWith('{') ? (JSON.parse(stdout) as { problems: Record<string, string> }).problems : {};
  }

  /** Runs a shell command as root in a container; returns its output, even if it fails. */
  async shell(container: string, script: string): Promise<string> {
    const asked = run('docker', ['exec', '--user', '0', container, 'sh', '-c', `{ ${script}; } 2>&1`]);
    return (await asked.catch((error: { stdout: string }) => error)).stdout;
  }

  /** Runs JavaScript as an outsider: in a container that shares only the network with the project. */
  async stranger(script: string): Promise<string> {
    const place = ['--rm', '--network', `${this.project}_default`, '--user', '65534', '--entrypoint', 'node'];
    return (await run('docker', ['run', ...place, this.project, '--input-type=module', '--eval', script])).stdout;
  }

  /** The address of a container on the project's network, which this machine can reach, too. */
  async address(container: string): Promise<string> {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    return (await run('docker', ['inspect', '--format', format, container])).stdout.trim();
  }

  /** A database volume from the time when Postgres was reached over TCP: `tgsync` is its superuser, with the password "tgsync". */
  async makeOldVolume(): Promise<void> {
    const name = `${this.project}-old`;
    const env = ['USER', 'PASSWORD', 'DB'].flatMap((it) => ['--env', `POSTGRES_${it}=tgsync`]);
    const volume = ['--volume', `${this.project}_postgres:/var/lib/postgresql/data`];
    await run('docker', ['run', '--detach', '--name', name, ...env, ...volume, 'postgres:17']);
    try {
      const isReady = ['exec', name, 'bash', '-c', 'grep -q postgres /proc/1/comm && pg_isready -U tgsync'];
      for (;;)
        if (
          await run('docker', isReady).then(
            () => true,
            () => false,
          )
        )
          break;
      await run('docker', ['stop', name]);
    } finally {
      await run('docker', ['rm', '--force', name]);
    }
  }

  /** kill -9 of a container's process from outside, which looks like a crash to Docker. */
  async crash(container: string): Promise<void> {
    const { pid } = await this.inspect(container);
    const kill = ['--entrypoint', 'sh', this.project, '-c', 'kill -9 "$0"', `${pid}`];
    await run('docker', ['run', '--rm', '--pid=host', ...kill]);
  }

  /** Empties the folders and removes the database, as if it had never run. */
  async begin(): Promise<void> {
    await this.compose('down', '--volumes', '--remove-orphans');
    for (const name of ['appdata', 'media', 'temp']) rmSync(join(this.folder, name), { recursive: true, force: true });
    mkdirSync(join(this.folder, 'appdata'));
  }

  async remove(): Promise<void> {
    await removeProject(this.project);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function removeProject(project: string): Promise<void> {
  await run('docker', ['compose', '--project-name', project, 'down', '--volumes', '--remove-orphans']);
  await run('docker', ['image', 'rm', '--force', project]);
}

async function sweep(): Promise<void> {
  const { stdout } = await run('docker', ['compose', 'ls', '--all', '--quiet']);
  for (const project of stdout.split('\n').filter((it) => it.startsWith(prefix))) {
    if (!isAlive(Number(project.slice(prefix.length)))) await removeProject(project);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((it) => (it.address() as { port: number }).port);
  await Promise.all(servers.map((it) => once(it.close(), 'close')));
  return ports;
}
