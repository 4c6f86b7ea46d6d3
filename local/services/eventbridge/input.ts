/** What of an event a target is given: a text instead of it, a part of it, or a text with parts of it. Else all of it. */
export interface TargetInput {
  /** JSON that is delivered instead of the event. */
  readonly input?: string;
  /** `$.a.b`: the part of the event that is delivered. */
  readonly inputPath?: string;
  /** JSON in which `<name>` stands for the part of the event that its path names. */
  readonly transformer?: { readonly paths: Readonly<Record<string, string>>; readonly template: string };
}

export function inputOf({ input, inputPath, transformer }: TargetInput, event: object): unknown {
  if (input !== undefined) return JSON.parse(input);
  if (transformer !== undefined) {
    // Without quotes around it a text gets them, and what is not there is null; within a text there is no name in what runs here.
    const text = transformer.template.replaceAll(/<(\w+)>/g, (_, name: string) =>
      JSON.stringify(partOf(event, transformer.paths[name] ?? '') ?? null),
    );
    return JSON.parse(text);
  }
  return inputPath === undefined ? event : partOf(event, inputPath);
}

/** @param path `$`, or `$.a.b` */
const partOf = (event: object, path: string): unknown =>
  path
    .split('.')
    .slice(1)
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event);

/** @throws {Error} saying what the local cloud does not do, of an input transformer of CloudFormation */
export function readTransformer(given: {
  InputPathsMap?: Record<string, string>;
  InputTemplate?: unknown;
}): NonNullable<TargetInput['transformer']> {
  const { InputPathsMap: paths = {}, InputTemplate: template } = given;
  for (const [name, path] of Object.entries(paths))
    if (!/^\$(\.[\w-]+)*$/.test(path))
      throw new Error(`InputPathsMap has ${name}: ${path}; the local cloud takes $.name.name`);
  const names = [...String(template).matchAll(/<(\w+)>/g)].map(([, name = '']) => name);
  const unknown = names.find((name) => !Object.hasOwn(paths, name));
  if (unknown !== undefined)
    throw new Error(`InputTemplate has <${unknown}>, which InputPathsMap does not name`);
  try {
    JSON.parse(String(template).replaceAll(/<\w+>/g, 'null'));
  } catch {
    throw new Error(
      `InputTemplate is ${template}; the local cloud takes JSON with names outside of its texts`,
    );
  }
  return { paths, template: String(template) };
}
