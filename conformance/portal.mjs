// Starts the demo and the example portal as its README says, and goes through it in headless Chromium, with the pointer and
// with the keyboard alone, in three languages, light and dark, wide and narrow: no console message, no request to anywhere
// but the portal, no axe violation, no sideways scrolling.
//
//     node portal.mjs PROGRAM PORTAL-FOLDER FOLDER-FOR-SCREENSHOTS

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [program, portal, screenshots] = process.argv.slice(2).map((path) => resolve(path));
const folder = mkdtempSync(join(tmpdir(), 'postitus-portal-'));
const settings = { PATH: process.env.PATH, RUST_LOG: 'warn', POSTITUS_DATA_DIR: join(folder, 'data') };
const faults = [];
const started = [];

/** Starts a program and reads what it prints until it has printed all of `wanted`. */
async function start(command, args, options, wanted) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  const found = {};
  for await (const line of createInterface({ input: child.stdout })) {
    for (const [name, pattern] of Object.entries(wanted)) found[name] ??= line.match(pattern)?.[1];
    if (Object.keys(wanted).every((name) => found[name])) {
      child.stdout.resume();
      return found;
    }
  }
  throw new Error(`${command} ended before it was ready`);
}

function token(scope) {
  return execFileSync(program, ['token', '--scope', scope], { cwd: folder, env: settings, encoding: 'utf8' }).trim();
}

async function check(page, name) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (overflow > 0) faults.push(`${name}: the page is ${overflow} pixels wider than the window`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const { impact, id, help, nodes } of violations) {
    faults.push(`${name}: ${impact} ${id}: ${help} (${nodes.slice(0, 3).map((node) => node.target.join(' ')).join(', ')})`);
  }
  await page.screenshot({ path: join(screenshots, `portal-${name}.png`), fullPage: true });
}

/** A page in a browser of its own, whose every complaint is a fault. */
async function open(browser, root, name, view) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'fi-FI', ...view });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('console', (message) => {
    if (message.type() !== 'debug') faults.push(`${name}: console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`${name}: ${error}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(root) && !request.url().startsWith('data:')) faults.push(`${name}: asks ${request.url()}`);
    if (request.headers().authorization) faults.push(`${name}: the page has a token`);
  });
  await page.goto(root);
  await page.locator('#headers a').first().waitFor();
  return page;
}

async function unread(page, text) {
  await page.locator('#unread', { hasText: new RegExp(`^${text}$`) }).waitFor();
}

async function withThePointer(browser, root, api) {
  const page = await open(browser, root, 'pointer', { colorScheme: 'light' });
  await unread(page, 'Lukemattomia: 5');
  assert.equal(await page.locator('#headers a').count(), 5);
  await check(page, 'list');
  await page.getByRole('link', { name: /Palovaroitin vaihdetaan/ }).click();
  await page.getByRole('heading', { name: 'Palovaroitin vaihdetaan asunnossasi' }).waitFor();
  await unread(page, 'Lukemattomia: 4');
  assert.equal(await page.title(), 'Palovaroitin vaihdetaan asunnossasi');
  await check(page, 'message');

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Palovaroittimen testaus.txt' }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), 'Palovaroittimen testaus.txt');
  assert.match(readFileSync(await file.path(), 'utf8'), /^Palovaroittimen testaus\n\nPaina .* piippaa\.\n$/);

  await page.getByRole('button', { name: 'Svenska' }).click();
  await page.getByRole('heading', { name: 'Brandvarnaren i din bostad byts' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'sv');
  await page.getByRole('button', { name: 'Att testa brandvarnaren.txt' }).waitFor();
  await check(page, 'swedish');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('link', { name: /Yard work party on Saturday/ }).click();
  await page.getByRole('link', { name: 'Read it' }).click();
  await page.getByRole('heading', { name: 'The yard work party moves to Sunday at noon' }).waitFor();
  await unread(page, 'Unread: 2');
  await check(page, 'corrected');

  // The language is kept, and so are the read marks.
  await page.reload();
  await unread(page, 'Unread: 2');
  // What is published while the page is open shows up, and what is withdrawn goes.
  const added = await api('POST', '', { versiot: [{ kieli: 'en', otsikko: 'Lift out of order', viesti: 'Until noon.' }] });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.getByRole('link', { name: /Lift out of order/ }).waitFor();
  await unread(page, 'Unread: 3');
  await api('DELETE', `/${added.internetviesti_id}`);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.getByRole('link', { name: /Lift out of order/ }).waitFor({ state: 'detached' });
  await page.context().close();
}

async function withTheKeyboard(browser, root) {
  const page = await open(browser, root, 'keyboard', { colorScheme: 'dark' });
  // What comes late must not take the focus away.
  await page.route(/lukemattomat/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue().catch(() => {});
  });
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  const tabTo = async (text) => {
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await focused()).includes(text)) return;
    }
    assert.fail(`the keyboard does not reach ${text}`);
  };
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Siirry sisältöön');
  await tabTo('English');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Messages and bulletins' }).waitFor();
  assert.equal(await focused(), 'English');
  await tabTo('Laundry room hours');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.tagName === 'H2');
  assert.equal(await focused(), 'Laundry room hours');
  await unread(page, 'Unread: 1');
  assert.equal(await focused(), 'Laundry room hours');
  await tabTo('Laundry room instructions.txt');
  const download = page.waitForEvent('download');
  await page.keyboard.press('Space');
  assert.equal((await download).suggestedFilename(), 'Laundry room instructions.txt');
  await check(page, 'dark');
  await page.goBack();
  await page.waitForFunction(() => document.activeElement.getAttribute('href')?.startsWith('#/'));
  assert.match(await focused(), /^Laundry room hours/);
  await page.context().close();
}

async function onAPhone(browser, root) {
  const page = await open(browser, root, 'phone', { viewport: { width: 360, height: 740 }, colorScheme: 'light' });
  await check(page, 'phone-list');
  await page.getByRole('link', { name: /Varaston avain/ }).click();
  await page.getByRole('heading', { name: 'Varaston avain on noudettavissa' }).waitFor();
  assert.equal(await page.locator('#list').isVisible(), false);
  await check(page, 'phone-message');
  await page.getByRole('link', { name: 'Takaisin luetteloon' }).click();
  await unread(page, 'Kaikki on luettu.');
  // A message that is not there, or not for this resident.
  await page.goto(`${root}#/999999999`);
  await page.getByText('Viestiä ei enää ole.').waitFor();
  faults.splice(0, faults.length, ...faults.filter((fault) => !/^phone: console: .* 404 /.test(fault)));
  await page.context().close();
}

async function run() {
  const options = { cwd: folder, env: { ...settings, POSTITUS_LISTEN: '127.0.0.1:0' } };
  const { server, party } = await start(program, ['demo'], options, { server: /POSTITUS=(\S+)/, party: /PARTY=(\d+)/ });
  const env = { PATH: process.env.PATH, POSTITUS: server, PARTY: party, POSTITUS_TOKEN: token('tokens:mint'), NO_COLOR: '1' };
  const vite = [join(portal, 'node_modules/vite/bin/vite.js'), '--port', '0', '--strictPort'];
  const { root } = await start(process.execPath, vite, { cwd: portal, env }, { root: /(http:\/\/127\.0\.0\.1:\d+\/)/ });
  const staff = token('internetviestit:write');
  const api = async (method, path, body) => {
    const answer = await fetch(`${server}/api/v1/internetviestit${path}`, {
      method,
      headers: { Authorization: `Bearer ${staff}`, 'If-Match': '*', 'Content-Type': 'application/json' },
      body: body && JSON.stringify({ ...body, osapuoli_idt: [Number(party)] }),
    });
    assert(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.status === 204 ? undefined : answer.json();
  };
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
  try {
    await withThePointer(browser, root, api);
    await withTheKeyboard(browser, root);
    await onAPhone(browser, root);
  } finally {
    await browser.close();
  }
}

try {
  mkdirSync(screenshots, { recursive: true });
  await run();
} catch (error) {
  faults.push(String(error.stack ?? error));
} finally {
  for (const child of started) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
for (const fault of faults) console.error(`portal: ${fault}`);
console.log(`portal: ${faults.length ? 'FAILED' : 'passed'}; screenshots in ${screenshots}`);
process.exit(faults.length ? 1 : 0);
