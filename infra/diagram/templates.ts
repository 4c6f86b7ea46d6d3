import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildCaudal } from '../caudal.ts';
import { readConfig } from '../config.ts';
import { projectFiles } from '../project.ts';
import type { DrawnTemplate, DrawnTemplates } from './model.ts';

/** The ways in, and out, that are options. */
const options = {
  'caudal:devices': true,
  'caudal:messageQueue': true,
  'caudal:kafka': 'readings@telemetry/0a1b2c3d-0000-4000-8000-000000000000-1',
  'caudal:kinesis': 'new',
  'caudal:monthlyReports': 'salon-bookings',
};

/** The templates as shipped, and with what is drawn of options. No code is bundled: none is drawn. */
export function drawnTemplates(context: Readonly<Record<string, unknown>>): {
  shipped: DrawnTemplates;
  all: DrawnTemplates;
} {
  return { shipped: synthesize(context), all: synthesize({ ...context, ...options }) };
}

function synthesize(context: Readonly<Record<string, unknown>>): DrawnTemplates {
  const app = new App({ context: { ...context }, analyticsReporting: false });
  const { definitions, views, reports } = projectFiles();
  buildCaudal(app, {
    ...{ definitions, views, reports },
    config: readConfig((key) => app.node.tryGetContext(key)),
    code: (handler) => Code.fromInline(`// handlers/${handler}`),
  });
  return Object.fromEntries(
    app.synth().stacks.map(({ stackName, template }) => [stackName, template as DrawnTemplate]),
  );
}
