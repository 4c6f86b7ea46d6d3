import { drawnTypes, type Group, groups, leftOut } from './groups.ts';

/** A synthesized template, as far as it is read. */
export interface DrawnTemplate {
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties are as many shapes as there are resource types
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: any }>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>
  >;
}

/** By the name of the stack. */
export type DrawnTemplates = Readonly<Record<string, DrawnTemplate>>;

export interface Model {
  readonly boxes: readonly (Group & {
    /** How many resources it stands for, by their types. */
    readonly holdsTypes: ReadonlyMap<string, number>;
    /** An installation as shipped has none of it. */
    readonly isOption: boolean;
  })[];
  /** From who acts to what it acts on, by the titles of groups. */
  readonly arrows: readonly (readonly [from: string, to: string])[];
}

/**
 * The boxes and arrows of templates. An arrow is where a pipe, rule, workflow, stream or API names its target, or the role of a function,
 * pipe or workflow may act on a resource.
 * @param shipped the templates without options
 * @throws Error for a resource of a drawn type that is in no group: the diagram would leave it out without a word
 */
export function modelOf(templates: DrawnTemplates, shipped: DrawnTemplates): Model {
  const exported = new Map<string, string>();
  for (const [stack, { Outputs = {} }] of Object.entries(templates))
    for (const { Value, Export } of Object.values(Outputs))
      if (Export !== undefined) exported.set(Export.Name, namedIn(Value, stack, exported)[0] ?? '');
  const groupAt = (path: string) => groups.find(({ holds }) => holds.test(path));
  const types = new Map<Group, Map<string, number>>();
  const arrows = new Map<string, readonly [string, string]>();
  const connect = (from: string, to: string): void => {
    const [a, b] = [groupAt(from), groupAt(to)];
    if (a === undefined || b === undefined || a === b || leftOut.test(from) || leftOut.test(to)) return;
    if (!isDrawn(templates, to)) return;
    arrows.set(`${a.title} ${b.title}`, [a.title, b.title]);
  };
  for (const [stack, { Resources }] of Object.entries(templates)) {
    const actors = new Map<string, string[]>(); // by their role
    for (const [id, { Type, Properties = {} }] of Object.entries(Resources)) {
      const path = `${stack}/${id}`;
      const role = Properties.Role ?? Properties.RoleArn;
      for (const acting of role === undefined ? [] : namedIn(role, stack, exported))
        actors.set(acting, [...(actors.get(acting) ?? []), path]);
      if (drawnTypes.has(Type) && !leftOut.test(path)) {
        const group = groupAt(path);
        if (group === undefined)
          throw new Error(`${path} (${Type}) is in no group of infra/diagram/groups.ts.`);
        const held = types.get(group) ?? new Map<string, number>();
        types.set(group, held.set(Type, (held.get(Type) ?? 0) + 1));
      }
      const source = Properties.Source ?? Properties.EventPattern;
      for (const from of namedIn(source, stack, exported)) connect(from, path);
      const { Role: _, RoleArn: __, Source: ___, EventPattern: ____, ...rest } = Properties;
      if (actsByItself.has(Type)) for (const to of namedIn(rest, stack, exported)) connect(path, to);
    }
    for (const { Type, Properties = {} } of Object.values(Resources)) {
      if (Type !== 'AWS::IAM::Policy') continue;
      const roles = namedIn(Properties.Roles, stack, exported);
      const reached = namedIn(Properties.PolicyDocument, stack, exported);
      for (const actor of roles.flatMap((of) => actors.get(of) ?? []))
        if (actsByRole.has(Resources[actor.split('/')[1] ?? '']?.Type ?? ''))
          for (const to of reached) connect(actor, to);
    }
  }
  return {
    boxes: groups
      .filter((group) => types.has(group))
      .map((group) => ({
        ...group,
        holdsTypes: types.get(group) ?? new Map(),
        isOption: !Object.entries(shipped).some(([stack, { Resources }]) =>
          Object.keys(Resources).some((id) => group.holds.test(`${stack}/${id}`)),
        ),
      })),
    arrows: [...arrows.values()],
  };
}

/** What names its target in its own properties. */
const actsByItself = new Set([
  'AWS::ApiGateway::Method',
  'AWS::CloudFront::Distribution',
  'AWS::Events::Rule',
  'AWS::Glue::Table',
  'AWS::IoT::TopicRule',
  'AWS::KinesisFirehose::DeliveryStream',
  'AWS::Pipes::Pipe',
]);

/** What does as its role may. */
const actsByRole = new Set(['AWS::Lambda::Function', 'AWS::StepFunctions::StateMachine']);

const isDrawn = (templates: DrawnTemplates, path: string): boolean => {
  const [stack = '', id = ''] = path.split('/');
  return drawnTypes.has(templates[stack]?.Resources[id]?.Type ?? '');
};

/** `<stack>/<logical id>` of each resource that a value refers to, in its own stack or another. */
function namedIn(value: unknown, stack: string, exported: ReadonlyMap<string, string>): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => namedIn(each, stack, exported));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return String(inner).startsWith('AWS::') ? [] : [`${stack}/${inner}`];
    if (key === 'Fn::GetAtt') return [`${stack}/${(inner as string[])[0]}`];
    if (key === 'Fn::ImportValue') return exported.get(String(inner)) ?? [];
    return namedIn(inner, stack, exported);
  });
}
