/** dashboard.test.ts: a person opens the page in a real browser, sees what failed and why, retries it, and sees it done. */
import { existsSync } from 'node:fs';
import { type Archive, type Fleet, test } from '@tgsync/testing';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((it) =>
  existsSync(it),
);
if (!executablePath) console.warn('SKIPPED: the dashboard in a browser: install chromium to run it');

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
  const line = await fleet.until((it) => it.msg.startsWith('dashboard at'));
  return line.address as string;
}

function configure(archive: Archive, id: bigint, dashboard: object): void {
  archive.configure({ [id.toString()]: {} }, { dashboard });
}

describe.skipIf(!executablePath)('in a browser', () => {
  test('a failed download is opened, retried and done', async ({ world, telegram, archive, fleet, db }) => {
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
    const foreign: string[] = [];
    const url = await urlOf(fleet);
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) foreign.push(request.url());
    });
    await page.goto(`${url}/queues/queue/media?status=failed`);
    const title = 'Cats & <b>Dogs</b>: film <i>.mp4';
    await page.getByText(title).first().waitFor();
    await page.getByText('Telegram has no such file (LOCATION_INVALID)').first().waitFor();
    expect(await page.locator('b', { hasText: 'Dogs' }).count()).toBe(0); // escaped

    // The buttons of a job are icons; the first one beside its title is Retry.
    await page.getByText(title).first().locator('xpath=ancestor::*[.//button][1]').getByRole('button').first().click();
    await page
      .getByRole('button', { name: /^confirm$/i })
      .click({ timeout: 2000 })
      .catch(() => {}); // where the board asks
    await page.goto(`${url}/queues/queue/media?status=completed`);
    await page.getByText(title).first().waitFor();
    expect(await db.document.findUniqueOrThrow({ where: { id: film.id } })).toMatchObject({
      state: 'saved',
      reason: null,
    });
    expect(foreign).toEqual([]);
    await context.close();
  });
});

test('without the password nobody gets in; health tells machines what they need', async ({ world, archive, fleet }) => {
  const chat = world.addChannel({ title: 'Cats' });
  configure(archive, chat.id, { password });
  fleet.start('scheduler');
  const url = await urlOf(fleet);
  expect((await fetch(`${url}/queues`)).status).toBe(401);
  expect((await fetch(`${url}/queues/api/queues`)).status).toBe(401);
  const authorization = `Basic ${Buffer.from(`tgsync:${password}`).toString('base64')}`;
  const page = await fetch(`${url}/queues`, { headers: { authorization } });
  expect(page.status).toBe(200);
  expect(await page.text()).not.toMatch(/googleapis|gstatic/);
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ alive: true });
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, problems: {} });
});

test('a paused queue stands still; "Retry all" brings what failed, and does no harm to what came meanwhile', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addChannel({ title: 'Cats' });
  const files = [1, 2, 3].map((count) => world.addDocument({ dc: 4, size: 1000 + count, name: `f${count}.bin` }));
  for (const document of files) chat.addMessage({ text: 'file', document });
  configure(archive, chat.id, {});
  fleet.start('scheduler');
  const url = await urlOf(fleet);
  const put = async (path: string) =>
    expect((await fetch(`${url}/queues/api/queues/media/${path}`, { method: 'PUT' })).ok).toBe(true);
  await put('pause');
  const broken = telegram.faults.add({
    method: 'upload.getFile',
    kind: 'error',
    code: 400,
    message: 'LOCATION_INVALID',
  });
  fleet.start('fetch-worker');
  fleet.start('media-worker');
  await vi.waitUntil(async () => (await db.messageMedia.count()) === 3, { timeout: 30_000 });
  expect(telegram.counters().calls['upload.getFile'] ?? 0).toBe(0);

  await put('resume');
  const failed = async (count: number) => (await db.document.count({ where: { state: 'failed' } })) === count;
  await vi.waitUntil(() => failed(3), { timeout: 30_000 });
  broken.remove();
  await put('retry/failed');
  const saved = async () => (await db.document.count({ where: { saved: true } })) === 3;
  await vi.waitUntil(saved, { timeout: 30_000 });
  expect(await db.message.count({ where: { linked: false } })).toBe(0);
});

test('a page that others can reach needs a password or a word that they are trusted', async ({ archive, fleet }) => {
  archive.configure({}, { dashboard: { host: '0.0.0.0' } });
  fleet.start('scheduler');
  const told = await fleet.until((it) => it.level === 'error');
  expect(told.msg).toMatch(/dashboard\.host: others can reach this host: set a password/);
});
