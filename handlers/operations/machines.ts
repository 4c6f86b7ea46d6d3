/** The state machines of an installation, by what they do. */
export type MachineName = 'ingest' | 'jobs';

export type MachineArns = Readonly<Record<MachineName, string>>;

export interface Machine {
  readonly name: MachineName;
  readonly arn: string;
}

/** The machine of a name, or without one all of them. */
export function machinesOf(arns: MachineArns, only: MachineName | undefined): Machine[] {
  const names: readonly MachineName[] = only === undefined ? ['ingest', 'jobs'] : [only];
  return names.map((name) => ({ name, arn: arns[name] }));
}

/** The ARN of an execution of a machine. */
export const executionArnOf = ({ arn }: Machine, name: string): string =>
  `${arn.replace(':stateMachine:', ':execution:')}:${name}`;
