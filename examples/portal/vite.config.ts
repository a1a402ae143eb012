// The portal's own server side. It knows who has signed in and gets short-lived tokens for them; the page has no token at all.

import { defineConfig, type Plugin } from 'vite';

const { POSTITUS = 'http://127.0.0.1:8080', POSTITUS_TOKEN = '', PARTY = '' } = process.env;
/** What the page may ask for. */
const API = '/api/v1/internetviestit';
/** A token is replaced so long before it ends. */
const MARGIN_MS = 60_000;

/** Who has signed in. A real portal identifies its user, and keeps the ids in the user's session. */
const parties = [Number(PARTY)];
let current = { token: '', ends: 0 };

async function residentToken(): Promise<string> {
  if (Date.now() > current.ends - MARGIN_MS) {
    const answer = await fetch(new URL('/api/v1/resident-tokens', POSTITUS), {
      method: 'POST',
      headers: { Authorization: `Bearer ${POSTITUS_TOKEN}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ party_ids: parties }),
    });
    if (!answer.ok) throw new Error(`no token for the resident: ${await answer.text()}`);
    const { token, expires_at } = (await answer.json()) as { token: string; expires_at: string };
    current = { token, ends: Date.parse(expires_at) };
  }
  return current.token;
}

const session: Plugin = {
  name: 'session',
  configureServer({ middlewares, config }) {
    middlewares.use('/session', (_, response) => {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ party_id: parties[0] }));
    });
    middlewares.use(API, (request, response, next) => {
      delete request.headers.authorization;
      // A signed link says itself what it opens.
      if (request.url?.includes('allekirjoitus=')) return next();
      residentToken().then(
        (token) => {
          request.headers.authorization = `Bearer ${token}`;
          next();
        },
        (error: unknown) => {
          config.logger.error(String(error));
          response.writeHead(502).end();
        },
      );
    });
  },
};

if (!POSTITUS_TOKEN || !Number.isSafeInteger(parties[0]) || parties[0] === 0) {
  throw new Error('POSTITUS_TOKEN (with the scope tokens:mint) and PARTY (who has signed in) are needed: see README.md');
}

export default defineConfig({
  clearScreen: false,
  // Made ready before the first page is served: found later, it would load the page anew under the reader's hands.
  optimizeDeps: { include: ['openapi-fetch'] },
  plugins: [session],
  server: { host: '127.0.0.1', proxy: { [API]: POSTITUS } },
});
