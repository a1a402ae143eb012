// What a portal and a tool do with messages, through openapi-fetch and the types made from openapi.yaml.

import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { paths } from './schema.js';

function setting(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is not set`);
  return value;
}

function client(token: string) {
  return createClient<paths>({ baseUrl: setting('POSTITUS'), headers: { Authorization: `Bearer ${token}` } });
}

/** What an answer holds; a problem ends the test. */
function had<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  assert(answer.data !== undefined, `${answer.response.url}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function etag(response: Response): string {
  const tag = response.headers.get('ETag');
  assert(tag, `${response.url} has no ETag`);
  return tag;
}

const party = Number(setting('PARTY'));
const bytes = Uint8Array.from([...new TextEncoder().encode('%PDF-1.4\n'), ...Array.from({ length: 70_000 }, (_, at) => at % 256)]);
const staff = client(setting('STAFF_TOKEN'));

async function resident(of: number) {
  return client(had(await staff.POST('/api/v1/resident-tokens', { body: { party_ids: [of] } })).token);
}

// Post, with an uploaded file for all languages and another for one of them.
const file = had(
  await staff.POST('/api/v1/attachments', {
    body: { file: new File([bytes], 'järjestyssäännöt.pdf', { type: 'application/pdf' }) },
    bodySerializer: ({ file }) => {
      const form = new FormData();
      form.append('file', file);
      return form;
    },
  }),
);
const posted = await staff.POST('/api/v1/internetviestit', {
  params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
  body: {
    osapuoli_idt: [party],
    versiot: [
      { kieli: 'fi', otsikko: 'Järjestyssäännöt', viesti: 'Liitteenä.' },
      {
        kieli: 'en',
        otsikko: 'House rules',
        viesti: '<p>Attached.<script>alert(1)</script></p>',
        muoto: 'html',
        liitteet: [{ tiedostonimi: 'note.txt', sisalto_base64: btoa('in English only') }],
      },
    ],
    tiedosto_idt: [file.attachment_id],
    tarkea: true,
  },
});
const added = had(posted);
assert.equal(posted.response.status, 201);
const id = added.internetviesti_id;

// List the headers, page by page, as the resident.
const portal = await resident(party);
const unread = had(await portal.GET('/api/v1/internetviestit/lukemattomat', { params: { query: { osapuoli_id: party } } }));
const seen: number[] = [];
let cursor: string | null = null;
do {
  const page: { items: { internetviesti_id: number; luettu: boolean | null }[]; next_cursor: string | null } = had(
    await portal.GET('/api/v1/internetviestit/otsikot', {
      params: { query: { osapuoli_id: party, tiedotteet: true, limit: 1, ...(cursor ? { cursor } : {}) } },
    }),
  );
  seen.push(...page.items.map((header) => header.internetviesti_id));
  cursor = page.next_cursor;
} while (cursor);
assert.equal(seen[0], id);
assert.equal(new Set(seen).size, seen.length);

// Read, in another language too, and again when nothing has changed.
const path = { internetviesti_id: id };
const read = await portal.GET('/api/v1/internetviestit/{internetviesti_id}', { params: { path, query: { kieli: 'en' } } });
const message = had(read);
assert.equal(message.otsikko, 'House rules');
assert.equal(message.viesti_html, '<p>Attached.</p>');
assert.deepEqual(message.liitteet.map((liite) => liite.tiedostonimi).sort(), ['järjestyssäännöt.pdf', 'note.txt']);
const again = await portal.GET('/api/v1/internetviestit/{internetviesti_id}', {
  params: { path, query: { kieli: 'en' }, header: { 'If-None-Match': etag(read.response) } },
});
assert.equal(again.response.status, 304);

// Download, byte for byte, with the token and by a link without it.
const liite = message.liitteet.find((one) => one.sisaltotyyppi === 'application/pdf');
assert(liite);
const downloaded = had(
  await portal.GET('/api/v1/internetviestit/liitteet/{liite_id}', {
    params: { path: { liite_id: liite.liite_id } },
    parseAs: 'blob',
  }),
);
assert.deepEqual(new Uint8Array(await downloaded.arrayBuffer()), bytes);
const link = had(
  await portal.GET('/api/v1/internetviestit/liitteet/{liite_id}/linkki', { params: { path: { liite_id: liite.liite_id } } }),
);
const followed = await fetch(new URL(link.osoite, setting('POSTITUS')));
assert.deepEqual(new Uint8Array(await followed.arrayBuffer()), bytes);

// Mark as read.
assert.equal((await portal.POST('/api/v1/internetviestit/{internetviesti_id}/luettu', { params: { path }, body: {} })).response.status, 204);
const left = had(await portal.GET('/api/v1/internetviestit/lukemattomat', { params: { query: { osapuoli_id: party } } }));
assert.equal(left.viesteja, unread.viesteja - 1);

// 404: another resident's message is not there.
const stranger = await resident(Number(setting('OTHER_PARTY')));
const foreign = await stranger.GET('/api/v1/internetviestit/{internetviesti_id}', { params: { path } });
assert.equal(foreign.response.status, 404);
assert.equal(foreign.error?.code, 'not_found');

// 412: a change of a version that is no longer the newest.
const change = (tag: string) =>
  staff.PATCH('/api/v1/internetviestit/{internetviesti_id}', {
    params: { path, header: { 'If-Match': tag } },
    body: { tarkea: false, voimassa_paattyen: null },
  });
had(await change(etag(posted.response)));
const stale = await change(etag(posted.response));
assert.equal(stale.response.status, 412);
assert.equal(stale.error?.code, 'stale_version');

// 422: a title of two lines.
const wrong = await staff.POST('/api/v1/internetviestit', {
  body: { osapuoli_idt: [party], versiot: [{ kieli: 'fi', otsikko: 'Kaksi\nriviä', viesti: 'Hei.' }] },
});
assert.equal(wrong.response.status, 422);
assert.equal(wrong.error?.errors[0]?.pointer, '/versiot/0/otsikko');
