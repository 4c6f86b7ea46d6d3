import { expect, test } from 'vitest';
import { unturned } from './unturned.ts';

test('characters that turn the direction of letters are shown as what they are, all others stay', () => {
  expect(unturned('a\u202Egnp.csv\u2066x\u2069')).toBe('a⟨U+202E⟩gnp.csv⟨U+2066⟩x⟨U+2069⟩');
  expect(unturned('מדידה 12 °C 🌊 \u200B')).toBe('מדידה 12 °C 🌊 \u200B');
});
