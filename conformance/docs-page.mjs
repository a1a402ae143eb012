// Opens the reference at /docs in headless Chromium with the network cut, in wide and narrow, light and dark: no console
// error, no request to anywhere but the server, no critical or serious axe violation.
//
//     node docs-page.mjs PROGRAM FOLDER-FOR-SCREENSHOTS

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [program, screenshots] = process.argv.slice(2).map((path) => resolve(path));
const VIEWS = [
  { name: 'wide-light', viewport: { width: 1440, height: 1000 }, colorScheme: 'light' },
  { name: 'wide-dark', viewport: { width: 1440, height: 1000 }, colorScheme: 'dark' },
  { name: 'narrow-light', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
];

const folder = mkdtempSync(join(tmpdir(), 'postitus-docs-'));
const settings = { PATH: process.env.PATH, RUST_LOG: 'warn', POSTITUS_DATA_DIR: folder, POSTITUS_LISTEN: '127.0.0.1:0' };
const server = spawn(program, ['serve'], { cwd: folder, env: settings, stdio: ['ignore', 'pipe', 'inherit'] });
const faults = [];

async function address() {
  for await (const line of createInterface({ input: server.stdout })) {
    const found = line.match(/listening on (\S+)/);
    if (found) return found[1];
  }
  throw new Error('the server ended instead of listening');
}

async function check(page, url, name) {
  const answer = await page.goto(url);
  if (answer.status() !== 200) faults.push(`${name}: ${url} answers ${answer.status()}`);
  if ((await page.locator('h1').count()) !== 1) faults.push(`${name}: ${url} has not one h1`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (overflow > 0) faults.push(`${name}: ${url} is ${overflow} pixels wider than the window`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const violation of violations) {
    const where = violation.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(', ');
    const told = `${name}: ${url}: ${violation.impact} ${violation.id}: ${violation.help} (${where})`;
    if (['critical', 'serious'].includes(violation.impact)) faults.push(told);
    else console.log(`docs: note: ${told}`);
  }
}

async function browse(root) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
      // The network is cut: no name but the server's own address can be reached.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
  try {
    for (const { name, ...view } of VIEWS) {
      // axe is injected by the debugger's protocol, which the page's content security policy would forbid.
      const context = await browser.newContext({ ...view, bypassCSP: false });
      const page = await context.newPage();
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) faults.push(`${name}: console: ${message.text()}`);
      });
      page.on('pageerror', (error) => faults.push(`${name}: ${error}`));
      page.on('requestfailed', (request) => faults.push(`${name}: ${request.url()}: ${request.failure().errorText}`));
      page.on('request', (request) => {
        if (!request.url().startsWith(root)) faults.push(`${name}: asks ${request.url()}`);
      });
      await check(page, `${root}/`, name);
      if (page.url() !== `${root}/docs`) faults.push(`${name}: / leads to ${page.url()}`);
      await page.screenshot({ path: join(screenshots, `${name}.png`) });
      await page.locator('nav a[href="#sendMailing"]').click();
      await page.locator('#sendMailing').waitFor({ state: 'visible' });
      await page.screenshot({ path: join(screenshots, `${name}-operation.png`) });
      const guides = await page.locator('nav a[href^="/docs/guides/"]').evaluateAll((links) => links.map((link) => link.href));
      if (guides.length === 0) faults.push(`${name}: there are no guides`);
      for (const guide of guides) await check(page, guide, name);
      await page.screenshot({ path: join(screenshots, `${name}-guide.png`) });
      await context.close();
    }
  } finally {
    await browser.close();
  }
}

try {
  mkdirSync(screenshots, { recursive: true });
  await browse(await address());
} catch (error) {
  faults.push(String(error.stack ?? error));
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
for (const fault of faults) console.error(`docs: ${fault}`);
console.log(`docs: ${faults.length ? 'FAILED' : 'passed'}; screenshots in ${screenshots}`);
process.exit(faults.length ? 1 : 0);
