import { en, type Text } from './en.ts';

export type Language = 'en' | 'es';
export const languages: Readonly<Record<Language, string>> = { en: 'English', es: 'Español' };

const key = 'caudal.language';

/** The one that was chosen, or the first of the browser's that there is, or English. */
export function chosenLanguage(): Language {
  const wanted = [localStorage.getItem(key) ?? '', ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wanted.find((name): name is Language => name in languages) ?? 'en';
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(key, language);
}

/** English is there from the start, others are fetched. */
export async function textIn(language: Language): Promise<Text> {
  return language === 'es' ? (await import('./es.ts')).es : en;
}
