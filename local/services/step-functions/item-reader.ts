import { parse } from 'csv-parse/sync';
import { type Json, type ReaderConfig, StateError } from './definition.ts';

/**
 * The items in the object that a distributed map reads: a JSON array, JSON lines, or CSV rows as objects by header.
 * Throws `States.ItemReaderFailed` for another content or format.
 */
export function parseItems(text: string, config: ReaderConfig = {}): Json[] {
  const items = parseAll(text, config);
  return config.MaxItems ? items.slice(0, config.MaxItems) : items;
}

function parseAll(text: string, config: ReaderConfig): Json[] {
  try {
    switch (config.InputType) {
      case 'JSON': {
        const parsed = JSON.parse(text) as Json;
        if (!Array.isArray(parsed)) throw new Error('the object is not a JSON array');
        return parsed;
      }
      case 'JSONL':
        return text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line) => JSON.parse(line) as Json);
      case 'CSV':
        return parseCsv(text, config);
      default:
        throw new Error(`InputType ${config.InputType} is not supported here; JSON, JSONL and CSV are`);
    }
  } catch (error) {
    throw new StateError('States.ItemReaderFailed', (error as Error).message);
  }
}

const delimiters: Record<string, string> = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
};

function parseCsv(text: string, config: ReaderConfig): Json[] {
  const given = config.CSVHeaderLocation === 'GIVEN';
  return parse(text, {
    columns: given ? (config.CSVHeaders ?? []) : true,
    delimiter: delimiters[config.CSVDelimiter ?? 'COMMA'] ?? ',',
    bom: true,
    skip_empty_lines: true,
  }) as Json[];
}
