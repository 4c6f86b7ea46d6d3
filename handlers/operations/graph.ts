/** How an execution may go from one state to another. */
interface Transition {
  readonly to: string;
  /** `choice`: where a condition holds; `default`: where none does; `catch`: by an error. */
  readonly by: 'next' | 'choice' | 'default' | 'catch';
  /** Of a choice with one comparison, as `$.plan.segments NumericGreaterThan 0`. */
  readonly when?: string;
}

interface GraphState {
  readonly name: string;
  /** ASL's type. */
  readonly type: string;
  readonly transitions: Transition[];
  /** Of a map: what it does with each item. */
  readonly items?: Graph;
}

/** The states of a machine, in the order of its definition. */
export interface Graph {
  readonly startAt: string;
  readonly states: GraphState[];
}

interface Definition {
  StartAt?: string;
  States?: Record<string, State>;
}

interface State {
  Type?: string;
  Next?: string;
  Default?: string;
  Catch?: readonly { Next?: string }[];
  Choices?: readonly Choice[];
  ItemProcessor?: Definition;
}

type Choice = Readonly<Record<string, unknown>> & { Next?: string };

/** The graph of a definition in Amazon States Language, which Step Functions has checked. @param definition JSON */
export function graphOf(definition: string): Graph {
  return graph(JSON.parse(definition) as Definition); // Step Functions takes no other
}

const graph = ({ StartAt = '', States = {} }: Definition): Graph => ({
  startAt: StartAt,
  states: Object.entries(States).map(([name, state]) => ({
    name,
    type: state.Type ?? '?',
    transitions: transitionsOf(state),
    ...(state.ItemProcessor === undefined ? {} : { items: graph(state.ItemProcessor) }),
  })),
});

/** One for each target and way: a state that catches several errors may go to one place by all of them. */
function transitionsOf({ Next, Default, Catch = [], Choices = [] }: State): Transition[] {
  const all: Transition[] = [
    ...(Next === undefined ? [] : [{ to: Next, by: 'next' as const }]),
    ...Choices.map((choice) => ({ to: choice.Next ?? '', by: 'choice' as const, ...conditionOf(choice) })),
    ...(Default === undefined ? [] : [{ to: Default, by: 'default' as const }]),
    ...Catch.map(({ Next: to = '' }) => ({ to, by: 'catch' as const })),
  ];
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

function conditionOf({ Next: _, Comment: __, Variable: variable, ...rest }: Choice): { when?: string } {
  const [comparison, ...more] = Object.entries(rest);
  if (typeof variable !== 'string' || comparison === undefined || more.length > 0) return {};
  return { when: `${variable} ${comparison[0]} ${JSON.stringify(comparison[1])}` };
}
