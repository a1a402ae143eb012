// The page: which message the address names, the language switch, and looking for news.

import { element, find } from './element';
import { linkOf, loadList, loadMore, poll, showList } from './list';
import { showMessage, showNotice } from './message';
import { language, LANGUAGES, setLanguage, text, type Language, type Text } from './texts';

const POLL_MS = 60_000;

/** The message that the address names; `undefined` when it names a place in the page. */
function named(): number | null | undefined {
  if (location.hash === '' || location.hash === '#/') return null;
  const id = /^#\/(\d+)$/.exec(location.hash)?.[1];
  return id === undefined ? undefined : Number(id);
}

function showTexts(): void {
  document.documentElement.lang = language();
  for (const place of document.querySelectorAll<HTMLElement>('[data-text]')) {
    place.textContent = text(place.dataset['text'] as Text);
  }
  const switches = Object.entries(LANGUAGES).map(([tag, name]) =>
    element('button', { type: 'button', lang: tag, 'aria-pressed': String(tag === language()), click: () => void speak(tag as Language) }, name),
  );
  find('languages').setAttribute('aria-label', text('language'));
  find('languages').replaceChildren(...switches);
}

async function speak(chosen: Language): Promise<void> {
  setLanguage(chosen);
  showTexts();
  find('languages').querySelector<HTMLElement>('[aria-pressed=true]')?.focus();
  await tell(loadList);
  await showNamed(false);
}

async function showNamed(focus: boolean): Promise<void> {
  const id = named();
  if (id === undefined) return;
  document.body.classList.toggle('reading', id !== null);
  showList();
  if (id !== null) return showMessage(id, focus);
  document.title = text('title');
  find('message').replaceChildren(element('p', { class: 'notice' }, text('choose')));
}

async function tell(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch {
    showNotice(text('failed'));
  }
}

let before: number | null | undefined = null;

async function follow(): Promise<void> {
  const left = before;
  before = named();
  await showNamed(true);
  if (before === null && left) linkOf(left)?.focus();
}

function lookForNews(): void {
  // A poll that fails is made up for by the next one.
  if (document.visibilityState === 'visible') poll().catch(() => {});
}

showTexts();
find('more').addEventListener('click', () => void tell(loadMore));
addEventListener('hashchange', () => void follow());
document.addEventListener('visibilitychange', lookForNews);
setInterval(lookForNews, POLL_MS);
before = named();
await tell(loadList);
await showNamed(false);
