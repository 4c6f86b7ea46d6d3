import { AwsError } from '../../engine/calls.ts';
import type { JsonInput, JsonOperation } from '../../engine/protocol/json.ts';
import type { UserPool } from './clients.ts';
import { pageOf } from './pages.ts';
import type { Sessions } from './sessions.ts';
import type { User, Users } from './users.ts';

/** What an administrator of a pool does with its users and groups. No mail is sent, and there are no passwords. */
export function userOperations({
  pool,
  users,
  sessions,
}: {
  /** @throws AwsError for a pool that is not there */
  pool(id: string): UserPool;
  users: Users;
  sessions: Sessions;
}): Readonly<Record<string, JsonOperation>> {
  function user({ UserPoolId, Username }: JsonInput): User {
    const found = users.find(pool(UserPoolId).id, String(Username));
    if (found) return found;
    throw new AwsError('UserNotFoundException', 'User does not exist.');
  }
  function group({ UserPoolId, GroupName }: JsonInput): string {
    if (pool(UserPoolId).groups.has(GroupName)) return GroupName;
    throw new AwsError('ResourceNotFoundException', 'Group not found.');
  }
  const groupsOf = ({ groups }: UserPool) =>
    [...groups].map(([GroupName, Description]) => ({ GroupName, Description }));
  const withNext = (name: string, next: string | undefined) => (next === undefined ? {} : { [name]: next });

  return {
    AdminCreateUser(input) {
      const { id: poolId } = pool(input.UserPoolId);
      const username = input.Username;
      // Cognito's own pattern.
      if (typeof username !== 'string' || !/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u.test(username))
        throw new AwsError(
          'InvalidParameterException',
          'Username must be 1 to 128 characters without a space.',
        );
      if (users.find(poolId, username))
        throw new AwsError('UsernameExistsException', 'User account already exists.');
      const given: { Name: string; Value?: string }[] = input.UserAttributes ?? [];
      const attributes = Object.fromEntries(given.map(({ Name, Value = '' }) => [Name, Value]));
      return { User: described(users.create({ poolId, username, attributes })) };
    },
    AdminDeleteUser(input) {
      const found = user(input);
      sessions.endAll(found.sub);
      users.remove(found);
      return {};
    },
    AdminAddUserToGroup(input) {
      const found = user(input);
      users.setGroups(found, [...found.groups, group(input)]);
      return {};
    },
    AdminRemoveUserFromGroup(input) {
      const found = user(input);
      const left = group(input);
      users.setGroups(
        found,
        found.groups.filter((name) => name !== left),
      );
      return {};
    },
    AdminUserGlobalSignOut(input) {
      sessions.endAll(user(input).sub);
      return {};
    },
    AdminListGroupsForUser(input) {
      const { groups } = user(input);
      const own = groupsOf(pool(input.UserPoolId)).filter(({ GroupName }) => groups.includes(GroupName));
      const { items, next } = pageOf(own, input.Limit, input.NextToken);
      return { Groups: items, ...withNext('NextToken', next) };
    },
    ListUsers(input) {
      const { items, next } = pageOf(users.of(pool(input.UserPoolId).id), input.Limit, input.PaginationToken);
      return { Users: items.map(described), ...withNext('PaginationToken', next) };
    },
    ListGroups(input) {
      const { items, next } = pageOf(groupsOf(pool(input.UserPoolId)), input.Limit, input.NextToken);
      return { Groups: items, ...withNext('NextToken', next) };
    },
  };
}

function described({ username, sub, attributes, createdAtMs }: User): object {
  const Attributes = Object.entries({ ...attributes, sub }).map(([Name, Value]) => ({ Name, Value }));
  return {
    Username: username,
    Attributes,
    UserCreateDate: createdAtMs / 1000,
    UserLastModifiedDate: createdAtMs / 1000,
    Enabled: true,
    UserStatus: 'CONFIRMED',
  };
}
