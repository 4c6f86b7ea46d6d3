/** The words of a name in lower case: `connectionDeviceId`, `time_utc` and `DateUTC` are of several. */
export const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([\p{Ll}\p{N}])(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1$2 ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

const all = (texts: string): ReadonlySet<string> => new Set(texts.split(' '));

/** Of a time at which something was measured. */
const ofMeasuring = all(
  'phenomenon observed observation obs measured measurement measure sampled sample sampling captured recorded reading',
);
/** Of a time at which a server answered. */
const ofAnswering = all(
  'server exec generated generation request requested response retrieved retrieval fetched queried query exported export downloaded download',
);
/** Of a time at which something was done with what had been measured. */
const ofHandling = all(
  'created creation updated update modified modification changed received receive reception ingested ingestion processed processing stored inserted uploaded upload published publish issued result arrival arrived last setup',
);

/**
 * What the name of a time says that it is of, where it does: of measuring, as `phenomenonTime` is, of answering, as `time_server` is, or of handling what had been
 * measured, as `resultTime` and `received_at` are.
 */
export function timeKindOf(name: string): 'measuring' | 'answering' | 'handling' | undefined {
  const words = wordsOf(name);
  if (words.some((word) => ofMeasuring.has(word))) return 'measuring';
  if (words.some((word) => ofAnswering.has(word))) return 'answering';
  return words.some((word) => ofHandling.has(word)) ? 'handling' : undefined;
}

/** What an answer has, and words of how much of it; others may stand beside them. */
const ofAnswers = all(
  'item items result results record records row rows page pages hits entries features docs matched returned',
);
const ofNumbers = all('number num no n count cnt total per size limit index offset');
const besideNumbers = all('of current max start first last next previous');

/** What a name ends with that is of a flag. */
const ofFlags = all('flag flags qc qf qflag qcflag qaqc');

/** By the letters of a name without what stands between its words. */
const unmeasuredNames: readonly (readonly [name: RegExp, what: string])[] = [
  [/^(?:fw|sw|hw|os|api|app|db|schema|protocol|model|cfg|config)?(?:version|ver|revision|rev|build)(?:no|nr|number|id|code)?$/, 'the version of a program'],
  [/^(?:device)?(?:serial(?:no|nr|num|number|id)?|imei|imsi|iccid|mac|macaddress|hardwareid)$/, 'the number of a device'],
  [/^(?:signature|transaction|checksum|crc)$/, 'of a message'],
  [/^(?:cod|errno|error|err|(?:http|error|err|return|result|response|exit|reason|status)(?:status)?code|http(?:status)?|responsestatus)$/, 'whether something went well'],
  [/^(?:(?:exec|execution|calc|calculation|compute|computing|computation|query|process|processing|generation|render|rendering)(?:time|duration)|time(?:exec|elapsed|taken|spent)|took)(?:ms|us|ns|s|sec|secs|seconds|millis)?$/, 'how long computing took'],
  [/^(?:step(?:time|size)|timestep|(?:sampl(?:e|ing)|log(?:ging)?|report(?:ing)?|upload|update|refresh|send(?:ing)?|transmit|transmission|poll(?:ing)?|measur(?:e|ing|ement)|record(?:ing)?|archive)(?:interval|period|rate|freq(?:uency)?))(?:s|sec|secs|seconds|ms|min|minutes|hz)?$/, 'how often is measured or sent'],
  [/^(?:(?:f|frame|msg|message|seq|sequence|uplink|downlink)(?:cnt|count|counter|no|nr|num|number|id|seq|sequence)(?:up|down)?|packet(?:id|no|nr|number|seq)|f?port|seq|sequence|nonce|devnonce)$/, 'the number of a message'],
]; // biome-ignore format: a kind a line

/** What a number is by its name, where that says that nobody has measured it: `firmware_revision`, `cod`, `calctime`. */
export function unmeasuredBy(name: string): string | undefined {
  const words = wordsOf(name);
  if (words.length > 1 && (words.at(-1) === 'id' || words[0] === 'id')) return 'an id';
  if (ofFlags.has(words.at(-1) ?? '') || /品質|均質/.test(name)) return 'a flag of quality';
  const isOf = (kind: ReadonlySet<string>) => words.some((word) => kind.has(word));
  const isCount = words.every(
    (word) => ofAnswers.has(word) || ofNumbers.has(word) || besideNumbers.has(word),
  );
  if (isCount && isOf(ofAnswers) && isOf(ofNumbers)) return 'how much there is in an answer';
  if (words.some((word) => /^(?:firmware|version|bootloader)/.test(word))) return 'the version of a program';
  const letters = words.join('');
  return unmeasuredNames.find(([expression]) => expression.test(letters))?.[1];
}
