// What the page itself says, in its three languages.

export const LANGUAGES = { fi: 'Suomi', sv: 'Svenska', en: 'English' } as const;
export type Language = keyof typeof LANGUAGES;

const TEXTS = {
  fi: {
    language: 'Kieli',
    title: 'Viestit ja tiedotteet',
    skip: 'Siirry sisältöön',
    more: 'Näytä lisää',
    choose: 'Valitse viesti luettelosta.',
    none: 'Ei viestejä.',
    message: 'Viesti',
    bulletin: 'Tiedote',
    important: 'Tärkeä',
    unread: 'Lukematon',
    unreadCount: 'Lukemattomia: ',
    allRead: 'Kaikki on luettu.',
    attachments: 'Liitteet',
    corrected: 'Tähän on tullut uudempi tieto:',
    readNewer: 'Lue se',
    back: 'Takaisin luetteloon',
    gone: 'Viestiä ei enää ole.',
    failed: 'Palvelu ei vastaa. Yritä hetken kuluttua uudelleen.',
  },
  sv: {
    language: 'Språk',
    title: 'Meddelanden',
    skip: 'Hoppa till innehållet',
    more: 'Visa fler',
    choose: 'Välj ett meddelande i listan.',
    none: 'Inga meddelanden.',
    message: 'Meddelande',
    bulletin: 'Anslag',
    important: 'Viktigt',
    unread: 'Oläst',
    unreadCount: 'Olästa: ',
    allRead: 'Allt är läst.',
    attachments: 'Bilagor',
    corrected: 'Det finns nyare information:',
    readNewer: 'Läs den',
    back: 'Tillbaka till listan',
    gone: 'Meddelandet finns inte längre.',
    failed: 'Tjänsten svarar inte. Försök igen om en stund.',
  },
  en: {
    language: 'Language',
    title: 'Messages and bulletins',
    skip: 'Skip to the content',
    more: 'Show more',
    choose: 'Choose a message from the list.',
    none: 'There are no messages.',
    message: 'Message',
    bulletin: 'Bulletin',
    important: 'Important',
    unread: 'Unread',
    unreadCount: 'Unread: ',
    allRead: 'Everything has been read.',
    attachments: 'Attachments',
    corrected: 'There is newer information:',
    readNewer: 'Read it',
    back: 'Back to the list',
    gone: 'The message is no longer there.',
    failed: 'The service does not answer. Please try again in a while.',
  },
} satisfies Record<Language, Record<string, string>>;

export type Text = keyof (typeof TEXTS)['fi'];

const KEPT = 'language';

function preferred(): Language {
  const known = (tag: string | null): tag is Language => tag !== null && tag in LANGUAGES;
  return [localStorage.getItem(KEPT), ...navigator.languages.map((tag) => tag.slice(0, 2))].find(known) ?? 'fi';
}

let current = preferred();

export function language(): Language {
  return current;
}

export function setLanguage(chosen: Language): void {
  current = chosen;
  localStorage.setItem(KEPT, chosen);
}

export function text(name: Text): string {
  return TEXTS[current][name];
}

export function day(time: string): string {
  return new Date(time).toLocaleDateString(current === 'en' ? 'en-GB' : current, { dateStyle: 'medium', timeZone: 'Europe/Helsinki' });
}

export function size(bytes: number): string {
  if (bytes < 1000) return bytes.toLocaleString(current, { style: 'unit', unit: 'byte', unitDisplay: 'long' });
  return (bytes / 1000).toLocaleString(current, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 });
}
