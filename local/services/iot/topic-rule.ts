import type { RuleSql } from './rule-sql.ts';

/** A topic rule whose messages go to a delivery stream. */
export interface TopicRule {
  readonly name: string;
  readonly sql: RuleSql;
  readonly stream: string;
  readonly roleArn: string;
  /** Added to each record. */
  readonly separator: string;
  /** As the template has it; somebody may have said otherwise since. */
  readonly isEnabled: boolean;
  /** Where a message goes that the action could not deliver. */
  readonly onError:
    | { readonly queueUrl: string; readonly roleArn: string; readonly useBase64: boolean }
    | undefined;
}
