import statesLanguage from 'amazon-states-language-service';

const { getLanguageService, TextDocument } = statesLanguage;
const language = getLanguageService({});

/**
 * What the language service of AWS's editors says against a definition, as `<name>:<line>: <message>`. Names in `${…}` may stand
 * for any text.
 */
export async function definitionFaults(name: string, text: string): Promise<string[]> {
  const document = TextDocument.create(`file:///${name}`, 'asl', 1, text);
  const said = await language.doValidation(document, language.parseJSONDocument(document));
  return said.map(({ range, message }) => `${name}:${range.start.line + 1}: ${message}`);
}
