import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test, vi } from 'vitest';
import { shippedContext, synthesizedAssembly } from '../test/support/infra/synthesized.ts';
import { allow } from './constructs/shared/permissions.ts';

/** An app with the checks and one stack, for faults to be planted in. */
function planted(plant: (stack: Stack) => unknown): App {
  const app = new App({ context: shippedContext, analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  plant(new Stack(app, 'Planted'));
  return app;
}
const newRole = (stack: Stack): Role =>
  new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });

/** What the synthesis says when it refuses the app, on whichever way; empty when it accepts it. */
function refusal(app: App): string {
  const printed: unknown[] = [];
  const print = vi.spyOn(console, 'error').mockImplementation((...words) => void printed.push(...words));
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => printed.push(text) > 0);
  try {
    app.synth();
    return '';
  } catch (error) {
    return `${(error as Error).message}\n${printed.join('\n')}`;
  } finally {
    print.mockRestore();
    write.mockRestore();
  }
}

describe('the checks of cdk-nag', () => {
  const actions = ['s3:GetObject'];
  const explained = {
    actions,
    resources: ['arn:aws:s3:::readings/raw/*'],
    wildcard: 'Objects are named by time.',
  };
  const unexplained = { actions, resources: ['arn:aws:s3:::readings/*'] };

  test('stop the synthesis of a bucket that takes requests without TLS', () => {
    expect(refusal(planted((stack) => new Bucket(stack, 'Open')))).toContain('AwsSolutions-S10');
  });

  test('stop the synthesis of a wildcard that nobody explains', () => {
    const app = planted((stack) => allow(newRole(stack), [unexplained]));
    expect(refusal(app)).toContain('AwsSolutions-IAM5[Resource::arn:aws:s3:::readings/*]');
  });

  test('accept a wildcard with its reason, and only that one', () => {
    expect(refusal(planted((stack) => allow(newRole(stack), [explained])))).toBe('');
    const said = refusal(planted((stack) => allow(newRole(stack), [explained, unexplained])));
    expect(said).toContain('AwsSolutions-IAM5[Resource::arn:aws:s3:::readings/*]');
    expect(said).not.toContain('readings/raw/*');
  });
});

describe('the app', () => {
  const { directory, constructs } = synthesizedAssembly({ 'caudal:alertEmail': 'ops@example.com' });

  test('leaves no finding and no warning without an answer', () => {
    const report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));
    expect(report.pluginReports).toEqual([]);
  });

  test('warns of an installation whose alarms nobody hears', () => {
    const unheard = synthesizedAssembly({ 'caudal:alertEmail': '' }).directory;
    const report = readFileSync(join(unheard, 'validation-report.json'), 'utf8');
    expect(report).toContain('caudal:alertEmail is empty');
  });

  test('answers a check on the construct concerned, with a sentence that says why', () => {
    const answers = constructs.flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) =>
          Object.entries(data as Record<string, string>).map(([rule, reason]) => ({
            construct,
            rule,
            reason,
          })),
        ),
    );
    expect(answers.length).toBeGreaterThan(0);
    for (const { construct, rule, reason } of answers) {
      expect(construct.node.path.split('/').length, `${rule} at ${construct.node.path}`).toBeGreaterThan(1);
      expect(reason, rule).toMatch(/^.{40,}\.$/s);
    }
  });
});
