import { acceptedStage, isStage } from '../core/stage.ts';
import { stageVariable } from './connection.ts';
import { type Options, option } from './options.ts';
import { defineVerb, type Values, type Verb, type VerbDeclaration } from './verb.ts';

/** Which of several installations is meant. */
export const stageOption = {
  stage: option(
    { valueName: 'STAGE', accepted: acceptedStage, read: (typed) => (isStage(typed) ? typed : undefined) },
    { help: `the installation of this stage; or the variable ${stageVariable}` },
  ),
};

/**
 * A verb that works on an installation: as {@link defineVerb} makes it, and with `--stage`. The option sets the variable, so that all that
 * looks for the installation, and all that is printed, follows the one or the other.
 */
export function defineInstallationVerb<
  const Declared extends Options,
  const Positionals extends Options = Record<never, never>,
>(declaration: VerbDeclaration<Declared, Positionals>): Verb<Values<Declared & Positionals>> {
  const whole: VerbDeclaration<Options, Positionals> = {
    ...(declaration as VerbDeclaration<Options, Positionals>), // it is run with all values that it declares, and the stage
    options: { ...declaration.options, ...stageOption },
    run(values) {
      const { stage, ...own } = values as Values<typeof stageOption>;
      if (stage !== undefined) process.env[stageVariable] = stage;
      return declaration.run(own as Values<Declared & Positionals>);
    },
  };
  return defineVerb(whole) as Verb<Values<Declared & Positionals>>;
}
