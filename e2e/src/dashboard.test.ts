/** dashboard.test.ts: a person opens the page in a real browser, sees what failed and why, retries it, and sees it complete. */
import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { DashboardAccess } from '@tgsync/shared/dashboard-access';
import { endTrouble, noteTrouble } from '@tgsync/shared/db';
import { type Archive, type Fleet, test, patience } from '@tgsync/testing';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { tgsync } from './command-line.js';
import { asOwner, asUser } from './dashboard-login.js';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((it) =>
  existsSync(it),
);
if (!executablePath) console.warn('SKIPPED: dashboard tests in a browser. Install chromium to run them.');

let browser: Browser;
beforeAll(async () => {
  if (!executablePath) return;
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  browser = await chromium.launch({ executablePath, args });
});
afterAll(async () => browser?.close());

const password = 'correct-horse';

async function urlOf(fleet: Fleet): Promise<string> {
  const line = await fleet.until((it) => it.msg === 'dashboard listening');
  return line.address as string;
}

/** Opens the dashboard through a link, like a person. */
async function enter(page: Page, fleet: Fleet, { env }: Archive): Promise<string> {
  const url = await urlOf(fleet);
  await page.goto(url + new DashboardAccess(env, null).makeLink());
  return url;
}

/** Everything a page must not do: contact other hosts, violate its policy, log errors. */
async function faultsOf(page: Page, url: string): Promise<string[]> {
  const faults: string[] = [];
  page.on('request', (it) => {
    if (!it.url().startsWith(url) && !it.url().startsWith('data:')) faults.push(`asks ${it.url()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (it) => {
    if (it.type() === 'error' || /Content.Security.Policy/i.test(it.text())) faults.push(`says ${it.text()}`);
  });
  await page.exposeFunction('violated', (what: string) => faults.push(`violates ${what}`));
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (it) => violated(it.violatedDirective + ' ' + it.blockedURI))`,
  );
  return faults;
}

/** Uses node:http, because `fetch` sets its own Host header. */
async function ask(url: string, headers: Record<string, string>, method = 'GET') {
  return await new Promise<{ status: number; text: string; retryAfter: string | undefined }>((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () =>
        resolve({ status: response.statusCode!, text, retryAfter: response.headers['retry-after'] }),
      );
    });
    asked.on('error', reject).end();
  });
}

function configure(archive: Archive, id: bigint, dashboard: object): void {
  archive.configure({ [id.toString()]: {} }, { dashboard });
}

describe.skipIf(!executablePath)('in a browser', () => {
  test('a failed download is opened, retried and completed', async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'Cats & <b>Dogs</b>' });
    const film = world.addDocument({ dc: 4, size: 5000, name: 'film <i>.mp4', mimeType: 'video/mp4' });
    chat.addMessage({ text: 'film', document: film });
    configure(archive, chat.id, { password });
    const broken = telegram.faults.add({
      method: 'upload.getFile',
      kind: 'error',
      code: 400,
      message: 'LOCATION_INVALID',
    });
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    fleet.start('scheduler');
    await fleet.until((it) => it.msg === 'job failed for good');
    broken.remove();

    const context = await browser.newContext({ httpCredentials: { username: 'tgsync', password } });
    const page = await context.newPage();
    const url = await urlOf(fleet);
    const faults = await faultsOf(page, url);
    await page.goto(`${url}/queues/queue/media?status=failed`);
    const title = 'Cats & <b>Dogs</b>: film <i>.mp4';
    await page.getByText(title).first().waitFor();
    // No buttons for what is refused: no copy, no edit, no new job.
    const shown = async (buttons: string) =>
      await page.evaluate(
        `[...document.querySelectorAll('${buttons}')].filter((it) => it.checkVisibility()).map((it) => it.querySelector('svg').classList[1])`,
      );
    await page.locator('main ul[class*=jobActions] li').first().waitFor();
    expect(await shown('main ul[class*=jobActions] li')).toEqual(['lucide-refresh-cw', 'lucide-trash2']);
    await page.locator('main button:has(.lucide-ellipsis-vertical)').first().click();
    await page.getByRole('menuitem').first().waitFor();
    expect(await shown('[role=menuitem]')).toEqual(['lucide-refresh-cw', 'lucide-pause', 'lucide-trash2']);
    await page.keyboard.press('Escape');
    await page.getByText('Telegram has no such file (LOCATION_INVALID)').first().waitFor();
    expect(await page.locator('b', { hasText: 'Dogs' }).count()).toBe(0); // escaped

    // A job's buttons are icons; the first one next to its title is Retry.
    await page.getByText(title).first().locator('xpath=ancestor::*[.//button][1]').getByRole('button').first().click();
    await page
      .getByRole('button', { name: /^confirm$/i })
      .click({ timeout: 2000 })
      .catch(() => {}); // if the board asks for confirmation
    await page.goto(`${url}/queues/queue/media?status=completed`);
    await page.getByText(title).first().waitFor();
    expect(await db.document.findUniqueOrThrow({ where: { id: film.id } })).toMatchObject({
      state: 'saved',
      reason: null,
    });
    expect(faults).toEqual([]);
    await context.close();
  });

  test(
    'what keeps the fleet from working is shown on top of every page until it is over',
    { tags: 'thorough' },
    async ({ archive, fleet, db }) => {
      archive.configure({});
      fleet.start('scheduler');
      const page = await browser.newPage();
      const faults = await faultsOf(page, await urlOf(fleet));
      const url = await enter(page, fleet, archive);
      expect(new URL(page.url()).pathname).toBe('/queues');
      await noteTrouble(db, 'media', 'The disk of "Cats & <b>Dogs</b>" is full.');
      await page.goto(`${url}/queues/queue/media`);
      const bar = page.getByRole('alert');
      await bar.waitFor();
      expect(await bar.textContent()).toBe('The disk of "Cats & <b>Dogs</b>" is full.');
      expect(await page.locator('b', { hasText: 'Dogs' }).count()).toBe(0); // text, not HTML
      const { height, y } = (await bar.boundingBox())!;
      expect(y).toBe(0);
      for (const place of ['header', 'aside', 'main'])
        expect((await page.locator(`#root > ${place}`).boundingBox())!.y, place).toBeGreaterThanOrEqual(height);

      // A later version's page may load the script twice.
      await page.evaluate(`new Promise((resolve) => {
      const again = Object.assign(document.createElement('script'), { src: '/banner.js', onload: resolve });
      document.head.append(again);
    })`);
      await noteTrouble(db, 'fetch', 'Telegram ended the login.');
      await bar.getByText('Telegram ended the login.').waitFor();
      await page.getByRole('link', { name: 'History' }).first().click();
      expect(await bar.count()).toBe(1);
      expect(await bar.isVisible()).toBe(true);
      await endTrouble(db, 'media');
      await endTrouble(db, 'fetch');
      await bar.waitFor({ state: 'detached' });
      expect((await page.locator('#root > header').boundingBox())!.y).toBe(0);
      expect(faults).toEqual([]);
      await page.close();
    },
  );

  test(
    'a page of another site gets no answer and changes nothing, whatever host name it uses',
    { tags: 'thorough' },
    async ({ archive, fleet, db }) => {
      archive.configure({});
      fleet.start('scheduler');
      const url = new URL(await urlOf(fleet));
      const page = await browser.newPage();
      // Another port of this machine counts as another site, with a name that resolves here, like an attacker's would.
      await page.route('http://evil.localhost:9/**', (route) =>
        route.fulfill({ contentType: 'text/html', body: 'evil' }),
      );
      await page.goto('http://evil.localhost:9/');
      const put = (to: string) =>
        page.evaluate(
          `fetch('${to}/queues/api/queues/media/pause', { method: 'PUT', mode: 'cors' }).then((it) => it.status, () => 'refused')`,
        );
      expect(await put(url.origin)).toBe('refused');
      const posted = page.waitForResponse((it) => it.url().startsWith(url.origin));
      await page.evaluate(
        `document.body.innerHTML = '<form method="post" action="${url.origin}/queues/api/queues/media/pause">'; document.forms[0].submit()`,
      );
      expect((await posted).status()).toBe(403);
      expect(await paused(url.origin, archive)).toBe(false);
      await page.close();
      expect(await db.chat.count()).toBe(0);
    },
  );
});

async function paused(url: string, { env }: Archive): Promise<boolean> {
  const answer = await fetch(`${url}/queues/api/queues?activeQueue=media&status=latest&page=1&jobsPerPage=10`, {
    headers: asOwner(env),
  });
  const { queues } = (await answer.json()) as { queues: { name: string; isPaused: boolean }[] };
  return queues.find((it) => it.name === 'media')!.isPaused;
}

test(
  'an unknown host name is refused, and so is a change requested by another page; dashboard.hosts allows both',
  { tags: 'thorough' },
  async ({ archive, fleet }) => {
    archive.configure({}, { dashboard: { hosts: ['nas.lan'] } });
    fleet.start('scheduler');
    const url = await urlOf(fleet);
    for (const path of [
      '/',
      '/queues',
      '/queues/api/queues',
      '/troubles',
      '/banner.js',
      '/queues/static/favicon.ico',
      '/x',
    ]) {
      const { status, text } = await ask(url + path, { host: 'evil.example' });
      expect({ path, status }).toEqual({ path, status: 421 });
      expect(text).toContain('add "evil.example" to dashboard.hosts');
    }
    for (const path of ['/healthz', '/readyz'])
      expect((await ask(url + path, { host: 'scheduler' })).status, path).toBe(200); // like Kubernetes
    for (const host of ['nas.lan', 'localhost:1234', '[::1]'])
      expect((await ask(`${url}/queues`, { host, ...asOwner(archive.env) })).status).toBe(200);

    const pause = `${url}/queues/api/queues/media/pause`;
    const foreign = [
      ['origin', 'https://evil.example'],
      ['origin', 'null'],
      ['sec-fetch-site', 'cross-site'],
    ] as const;
    for (const [name, value] of foreign) {
      const { status, text } = await ask(pause, { ...asOwner(archive.env), [name]: value }, 'PUT');
      expect(status).toBe(403);
      expect(text).toContain('dashboard.hosts');
    }
    expect(await paused(url, archive)).toBe(false);
    const owner = asOwner(archive.env);
    expect((await ask(pause, { ...owner, origin: url, 'sec-fetch-site': 'same-origin' }, 'PUT')).status).toBe(200);
    expect(await paused(url, archive)).toBe(true);
    expect((await ask(pause.replace('pause', 'resume'), { ...owner, origin: 'https://nas.lan' }, 'PUT')).status).toBe(
      200,
    );
  },
);

test('the page has headers that keep other sites out', async ({ archive, fleet }) => {
  archive.configure({});
  fleet.start('scheduler');
  const url = await urlOf(fleet);
  for (const path of ['/queues', '/queues/api/queues', '/healthz', '/nothing']) {
    const { headers } = await fetch(url + path);
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('strict-transport-security')).toBe(null);
  }
});

test(
  'wrong passwords are answered more and more slowly, however many come at once; `tgsync password` makes the hash',
  { tags: 'thorough' },
  async ({ archive, fleet }) => {
    archive.configure({});
    const different = await tgsync(archive.env, ['password'], [password, 'something else']);
    expect(different).toMatchObject({ code: 1, stdout: '' });
    const { code, stdout, stderr } = await tgsync(archive.env, ['password'], [password, password]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^\$2b\$12\$\S{53}\n$/);
    expect(stdout + stderr).not.toContain(password);
    archive.configure({}, { dashboard: { password_file: '/appdata/secret' } });
    fleet.start('scheduler');
    const reported = await fleet.until((it) => it.level === 'error');
    expect(reported.reason).toMatch(/dashboard\.password_file: .*secret cannot be read/); // and it waits for the file
    writeFileSync(join(archive.env.appdata, 'secret'), stdout);
    const url = `${await urlOf(fleet)}/troubles`;
    const guess = async (given: string) => await ask(url, asUser(given));
    expect((await guess(password)).status).toBe(200);
    expect((await ask(url, {})).status).toBe(401); // a request without one is not a guess
    expect((await guess(password)).status).toBe(200);

    // Only one of them is checked; a slow machine may get to a second one after the first second.
    const answers = await Promise.all(Array.from({ length: 30 }, (_, nth) => guess(`guess ${nth}`)));
    const lookedAt = answers.filter((it) => it.status === 401).length;
    expect(lookedAt).toBeGreaterThan(0);
    expect(lookedAt).toBeLessThan(5);
    expect(answers.filter((it) => it.status === 429).length).toBe(30 - lookedAt);
    expect((await guess(password)).status).toBe(200); // a client that was logged in recently is not locked out
    expect(fleet.log.filter((it) => it.msg.includes('wrong user or password')).length).toBe(1);
  },
);

test('nobody gets in without the password; health gives machines what they need', async ({ world, archive, fleet }) => {
  const chat = world.addChannel({ title: 'Cats' });
  configure(archive, chat.id, { host: '0.0.0.0' });
  fleet.start('scheduler');
  const url = await urlOf(fleet);
  expect((await fetch(`${url}/queues`)).status).toBe(401);
  expect((await fetch(`${url}/queues/api/queues`)).status).toBe(401);
  for (const path of ['/', '/troubles', '/metrics', '/banner.js', '/queues/static/favicon.ico', '/nothing'])
    expect((await fetch(url + path)).status, path).toBe(401);
  const page = await fetch(`${url}/queues`, { headers: asOwner(archive.env) });
  expect(page.status).toBe(200);
  expect(await page.text()).not.toMatch(/googleapis|gstatic/);
  const metrics = await fetch(`${url}/metrics`, { headers: asOwner(archive.env) });
  expect(await metrics.text()).toContain('tgsync_troubles 0');
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ alive: true });
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, problems: {} });
});

test(
  'a paused queue does nothing; "Retry all" retries what failed, and does not affect what arrived meanwhile',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'Cats' });
    const files = [1, 2, 3].map((count) => world.addDocument({ dc: 4, size: 1000 + count, name: `f${count}.bin` }));
    for (const document of files) chat.addMessage({ text: 'file', document });
    configure(archive, chat.id, {});
    fleet.start('scheduler');
    const url = await urlOf(fleet);
    const put = async (path: string) =>
      expect(
        (await fetch(`${url}/queues/api/queues/media/${path}`, { method: 'PUT', headers: asOwner(archive.env) })).ok,
      ).toBe(true);
    await put('pause');
    const broken = telegram.faults.add({
      method: 'upload.getFile',
      kind: 'error',
      code: 400,
      message: 'LOCATION_INVALID',
    });
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    await vi.waitUntil(async () => (await db.messageMedia.count()) === 3, patience);
    expect(telegram.counters().calls['upload.getFile'] ?? 0).toBe(0);

    await put('resume');
    const failed = async (count: number) => (await db.document.count({ where: { state: 'failed' } })) === count;
    await vi.waitUntil(() => failed(3), patience);
    // The database knows a moment before the queue, from which the dashboard retries.
    const shown = async () => {
      const answer = await fetch(`${url}/queues/api/queues`, { headers: asOwner(archive.env) });
      const { queues } = (await answer.json()) as { queues: { name: string; counts: { failed: number } }[] };
      return queues.find((it) => it.name === 'media')?.counts.failed === 3;
    };
    await vi.waitUntil(shown, patience);
    broken.remove();
    await put('retry/failed');
    const saved = async () => (await db.document.count({ where: { saved: true } })) === 3;
    await vi.waitUntil(saved, patience);
    expect(await db.message.count({ where: { linked: false } })).toBe(0);
  },
);
