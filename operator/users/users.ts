import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { discover } from '../../cli/discovery.ts';
import { choice, text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { userGroups } from '../../handlers/api/contract/scopes.ts';
import { jsonOption } from '../shared/options.ts';
import { createUserDirectory } from './user-directory.ts';

const email = { valueName: 'EMAIL', pattern: /^[^\s@]+@[^\s@]+$/, accepted: 'an email address' };
const groups = Object.keys(userGroups) as (keyof typeof userGroups)[]; // its own keys

/** `caudal users` */
export const users = defineInstallationVerb({
  command: 'npm run caudal -- users',
  summary: 'lists the people who may sign in with their groups, adds one, takes one away',
  options: {
    add: text({ help: 'makes a user, or puts one that is there into a further group', ...email }),
    remove: text({ help: 'takes a user away, or with --group only out of that group', ...email }),
    group: choice(groups, {
      help: 'viewer sees everything, operator may also change things',
      valueName: 'GROUP',
    }),
    ...jsonOption,
  },
  exclusive: [['add', 'remove']],
  notes: [
    'Cognito mails a new user a password, good for three days. A token keeps its groups for the hour that it is valid, whoever leaves one.',
  ],
  examples: ['npm run caudal -- users --add ana@example.com --group operator'],
  async run({ add, remove, group, json }) {
    if (add !== undefined && group === undefined)
      throw new UsageError('Say with --group which group the user is to be in: viewer or operator.');
    if (group !== undefined && add === undefined && remove === undefined)
      throw new UsageError('--group goes with --add or --remove.');
    const { settings, userPoolId } = await discover();
    const directory = createUserDirectory(new CognitoIdentityProviderClient(settings), userPoolId);
    if (add !== undefined && group !== undefined) {
      const made = await directory.add(add, group);
      if (!json)
        print(`${add.toLowerCase()} is in the group ${group}${made ? ', and is mailed a password' : ''}`);
    }
    if (remove !== undefined) {
      await directory.remove(remove, group);
      if (!json)
        print(
          `${remove.toLowerCase()} is ${group === undefined ? 'no user any more' : `no longer in the group ${group}`}`,
        );
    }
    const found = await directory.list();
    if (json) print(JSON.stringify(found, null, 2));
    else if (add === undefined && remove === undefined)
      print(
        found.length === 0
          ? 'There are no users. Add one with --add EMAIL --group GROUP.'
          : found
              .map(
                ({ username, groups, status }) =>
                  `${username}  ${groups.join(', ') || 'in no group'}  ${status}`,
              )
              .join('\n'),
      );
    return 0;
  },
});
