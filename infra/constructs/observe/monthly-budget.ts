import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';

/** Percent of the budget that is spent, or that AWS expects to be spent by the end of the month, when a mail is sent. */
const notices = [
  { of: 'ACTUAL', percent: 80 },
  { of: 'FORECASTED', percent: 100 },
  { of: 'ACTUAL', percent: 100 },
] as const;

/** What the installation may cost a month. AWS looks some three times a day: it tells of a bill, and stops nothing. */
export class MonthlyBudget extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { dollars: number; email: string; stage: string | undefined },
  ) {
    super(scope, id);
    const { dollars, email, stage } = props;
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: ofStage('caudal', stage),
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: dollars, unit: 'USD' },
        // Of what has the tag; the tag has to be activated for billing once, see docs/deploying.md. A stage has one of its own.
        costFilters: {
          TagKeyValue: [stage === undefined ? 'user:application$caudal' : `user:stage$${stage}`],
        },
      },
      notificationsWithSubscribers: notices.map(({ of: notificationType, percent: threshold }) => ({
        notification: {
          notificationType,
          threshold,
          thresholdType: 'PERCENTAGE',
          comparisonOperator: 'GREATER_THAN',
        },
        subscribers: [{ subscriptionType: 'EMAIL', address: email }],
      })),
    });
  }
}
