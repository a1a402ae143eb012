// The list of headers, how many are unread, and what has changed since.

import { headers, type Header, unread } from './api';
import { element, find } from './element';
import { day, language, text } from './texts';

let items: Header[] = [];
let cursor: string | null = null;
let since = '';

export function headerOf(id: number): Header | undefined {
  return items.find((header) => header.internetviesti_id === id);
}

/** Reads the first page anew. */
export async function loadList(): Promise<void> {
  const page = await headers(language());
  [items, cursor, since] = [page.items, page.next_cursor, page.haettu];
  showList();
  await countUnread();
}

/** Shows the next page too, and goes to its first header. */
export async function loadMore(): Promise<void> {
  const page = await headers(language(), cursor ? { cursor } : {});
  const first = page.items[0];
  [items, cursor] = [[...items, ...page.items], page.next_cursor];
  showList();
  if (first) linkOf(first.internetviesti_id)?.focus();
}

/** Asks only for what has changed; whether anything had. */
export async function poll(): Promise<boolean> {
  const changes = await headers(language(), { since });
  since = changes.haettu;
  const changed = changes.items.length + changes.poistetut.length > 0;
  if (changed) await loadList();
  return changed;
}

export async function countUnread(): Promise<void> {
  const { viesteja, tiedotteita } = await unread();
  const count = viesteja + tiedotteita;
  find('unread').textContent = count > 0 ? text('unreadCount') + count.toLocaleString(language()) : text('allRead');
}

export function setRead(id: number): void {
  items = items.map((header) => (header.internetviesti_id === id ? { ...header, luettu: true } : header));
  showList();
}

export function linkOf(id: number): HTMLElement | null {
  return document.querySelector<HTMLElement>(`#headers a[href="#/${id}"]`);
}

/** Shows what is known; the focus stays where it was. */
export function showList(): void {
  const focused = document.activeElement?.getAttribute('href');
  find('headers').replaceChildren(...(items.length > 0 ? items.map(row) : [element('li', { class: 'none' }, text('none'))]));
  find('more').hidden = cursor === null;
  if (focused) document.querySelector<HTMLElement>(`#headers a[href="${CSS.escape(focused)}"]`)?.focus();
}

function row(header: Header): HTMLElement {
  const href = `#/${header.internetviesti_id}`;
  return element(
    'li',
    {},
    element(
      'a',
      { href, class: header.luettu ? 'read' : 'unread', 'aria-current': location.hash === href && 'true' },
      element('span', { class: 'title', lang: header.kieli }, header.otsikko),
      element('span', { class: 'about' }, ...about(header)),
    ),
  );
}

/** What kind of message it is, and when it came. */
export function about(header: Header): (Node | string | false)[] {
  return [
    header.luettu === false && element('span', { class: 'chip new' }, text('unread')),
    header.tarkea && element('span', { class: 'chip important' }, text('important')),
    element('span', { class: 'chip' }, text(header.kohde_id === null ? 'message' : 'bulletin')),
    header.liitteita > 0 && element('span', { class: 'chip' }, `${text('attachments')}: ${header.liitteita}`),
    element('time', { datetime: header.julkaistu }, day(header.julkaistu)),
  ];
}
