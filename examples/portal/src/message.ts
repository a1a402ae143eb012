// One message: its text, its attachments, and that it has been read.

import { link, markRead, message, Refused, type Message } from './api';
import { element, find } from './element';
import { about, countUnread, headerOf, setRead } from './list';
import { language, size, text } from './texts';

type Attachment = Message['liitteet'][number];

/** Shows the message; `focus` moves to its title, so that it is read out. So it does when it was in what is replaced. */
export async function showMessage(id: number, focus: boolean): Promise<void> {
  const asked = language();
  try {
    const shown = await message(id, asked);
    if (location.hash !== `#/${id}` || language() !== asked) return;
    const moves = focus || find('message').contains(document.activeElement);
    document.title = shown.otsikko;
    const title = element('h2', { tabindex: '-1', lang: shown.kieli }, shown.otsikko);
    const body = element('div', { class: 'body', lang: shown.kieli });
    // The service has made it safe to put into a page.
    body.innerHTML = shown.viesti_html;
    const newer = headerOf(id)?.korjattu_id;
    find('message').replaceChildren(
      element('a', { href: '#/', class: 'back' }, text('back')),
      element(
        'article',
        {},
        title,
        element('p', { class: 'about' }, ...about(shown)),
        newer ? element('p', { class: 'newer' }, text('corrected'), ' ', element('a', { href: `#/${newer}` }, text('readNewer'))) : false,
        body,
        shown.liitteet.length > 0 && attachments(shown.liitteet),
      ),
    );
    if (moves) title.focus();
    await markRead(id);
    setRead(id);
    await countUnread();
  } catch (error) {
    showNotice(error instanceof Refused && error.status === 404 ? text('gone') : text('failed'));
  }
}

/** Shows a sentence in place of a message. */
export function showNotice(sentence: string): void {
  find('message').replaceChildren(
    element('a', { href: '#/', class: 'back' }, text('back')),
    element('p', { class: 'notice', role: 'status' }, sentence),
  );
}

function attachments(all: Attachment[]): HTMLElement {
  const rows = all.map((one) =>
    element(
      'li',
      {},
      element('button', { type: 'button', click: () => void download(one) }, one.tiedostonimi),
      element('span', { class: 'size' }, size(one.koko)),
    ),
  );
  return element('section', { class: 'attachments' }, element('h3', {}, text('attachments')), element('ul', {}, ...rows));
}

async function download(one: Attachment): Promise<void> {
  try {
    element('a', { href: await link(one.liite_id), download: one.tiedostonimi }).click();
  } catch {
    showNotice(text('failed'));
  }
}
