import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  type NagPack,
  NIST80053R5Checks,
  PCIDSS321Checks,
  ServerlessChecks,
} from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { optionSets } from '../test/support/infra/option-sets.ts';
import { pipelineConstructs } from '../test/support/infra/pipeline-constructs.ts';
import { synthesizedAssembly } from '../test/support/infra/synthesized.ts';

const packs: readonly (new () => NagPack)[] = [
  AwsSolutionsChecks,
  ServerlessChecks,
  NIST80053R5Checks,
  PCIDSS321Checks,
  HIPAASecurityChecks,
];

interface Finding {
  /** With its pack, and in brackets what it is about: `AwsSolutions-IAM4[Policy::…]` */
  readonly id: string;
  /** Without either, since the packs say the same of a rule: `IAM4` */
  readonly rule: string;
  /** Path of the construct. */
  readonly where: string;
}

/** What the packs find, whatever the code has acknowledged. */
function findingsIn(app: IConstruct): Finding[] {
  return packs.flatMap((Pack) => {
    const pack = new Pack();
    Object.assign(pack, { isAcknowledged: () => false });
    return pack.validateScope(app).violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = '' }) => ({
        id: ruleName,
        rule: ruleName.replace(/\[.*$/s, '').replace(/^[\w.]+-/, ''),
        where: constructPath.replace(/\/Resource$/, ''),
      })),
    );
  });
}

interface Argument {
  readonly rule: string;
  /** Path of constructs, in which `*` stands for anything. */
  readonly where: string;
  readonly why: string;
}

const codeIn = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** The table of docs/security.md: each rule and place of a row is an argument. */
function readArguments(): Argument[] {
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'security.md'), 'utf8');
  const table = page.slice(page.indexOf('| rule | where | why |'));
  return table
    .split('\n')
    .slice(2)
    .filter((line) => line.startsWith('| '))
    .flatMap((line) => {
      const [rules, places, why = ''] = line.replace(/^\| | \|$/g, '').split(' | ');
      return codeIn(rules).flatMap((rule) => codeIn(places).map((where) => ({ rule, where, why })));
    });
}

const globOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+^$()|[\]{}\\?]/g, '\\$&').replaceAll('*', '.*')}$`);

const answers = ({ rule, where }: Argument, finding: Finding): boolean =>
  rule === finding.rule && globOf(where).test(finding.where);

/** An installation in a stage of the pipeline: its findings are those of one without a stage. */
const staged = /^CaudalPipeline\/[\w-]+\/Caudal(Data|Ingest|Jobs|Api|Console)-/;

const apps = [
  ...Object.entries(optionSets).map(([name, context]) => ({
    name,
    constructs: synthesizedAssembly(context).constructs,
  })),
  { name: 'of the pipeline', constructs: pipelineConstructs().filter(({ node }) => !staged.test(node.path)) },
].map((app) => ({
  ...app,
  findings: findingsIn(app.constructs[0] as IConstruct).filter(({ where }) => !staged.test(where)),
}));
const all = apps.flatMap(({ findings }) => findings);
const table = readArguments();

describe('each finding of the packs AwsSolutions, Serverless, NIST 800-53 R5, PCI DSS and HIPAA', () => {
  test.each(apps)('is argued in docs/security.md, $name', ({ findings }) => {
    expect(findings.length).toBeGreaterThan(40);
    const unargued = findings.filter((finding) => !table.some((argument) => answers(argument, finding)));
    expect([...new Set(unargued.map(({ id, where }) => `${id} at ${where}`))]).toEqual([]);
  });

  test('is missed when its argument is taken away', () => {
    const rest = table.filter(({ rule }) => rule !== 'LambdaInsideVPC');
    expect(all.some((finding) => !rest.some((argument) => answers(argument, finding)))).toBe(true);
  });
});

test('each argument of docs/security.md is about a finding, with a sentence that says why', () => {
  const stale = table.filter((argument) => !all.some((finding) => answers(argument, finding)));
  expect(stale.map(({ rule, where }) => `${rule} at ${where}`)).toEqual([]);
  for (const { rule, why } of table) expect(why, rule).toMatch(/^.{40,}\.$/s);
});

test('what the code acknowledges is found without it', () => {
  const stale = apps.flatMap(({ constructs }) =>
    constructs.flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.keys(data as object))
        .map((id) => id.replace(/^annotation::/i, ''))
        // Answers that the CDK itself gives to its own checks of templates, which are in no pack.
        .filter((id) => !id.startsWith('CloudFormation-Validate::'))
        .filter((id) => !all.some((finding) => finding.id === id && isWithin(finding.where, construct)))
        .map((id) => `${id} at ${construct.node.path}`),
    ),
  );
  expect([...new Set(stale)]).toEqual([]);
});

const isWithin = (where: string, { node }: IConstruct): boolean => `${where}/`.startsWith(`${node.path}/`);
