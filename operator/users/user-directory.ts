import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminUserGlobalSignOutCommand,
  type CognitoIdentityProviderClient,
  paginateAdminListGroupsForUser,
  paginateListUsers,
} from '@aws-sdk/client-cognito-identity-provider';

/** Somebody who may sign in. */
interface ListedUser {
  readonly username: string;
  /** Cognito's; CONFIRMED has signed in, FORCE_CHANGE_PASSWORD not yet. */
  readonly status: string;
  readonly groups: readonly string[];
}

/** The people of a user pool. Each user's name is an email address, in small letters. */
export interface UserDirectory {
  list(): Promise<ListedUser[]>;
  /** Makes the user where there is none, whom Cognito then mails a password, and puts it into the group. @returns whether it was made */
  add(email: string, group: string): Promise<boolean>;
  /** Takes the user out of the group, or without one away altogether, and ends its sessions. */
  remove(email: string, group: string | undefined): Promise<void>;
}

export function createUserDirectory(
  client: CognitoIdentityProviderClient,
  UserPoolId: string,
): UserDirectory {
  async function groupsOf(Username: string): Promise<string[]> {
    const groups: string[] = [];
    for await (const page of paginateAdminListGroupsForUser({ client }, { UserPoolId, Username }))
      groups.push(...(page.Groups ?? []).map(({ GroupName = '' }) => GroupName));
    return groups;
  }
  return {
    async list() {
      const users: ListedUser[] = [];
      for await (const page of paginateListUsers({ client }, { UserPoolId }))
        for (const { Username = '', UserStatus = '' } of page.Users ?? [])
          users.push({ username: Username, status: UserStatus, groups: await groupsOf(Username) });
      return users;
    },
    async add(email, GroupName) {
      const Username = email.toLowerCase();
      const UserAttributes = [
        { Name: 'email', Value: Username },
        { Name: 'email_verified', Value: 'true' },
      ];
      const made = await client
        .send(new AdminCreateUserCommand({ UserPoolId, Username, UserAttributes }))
        .then(
          () => true,
          (fault: Error) => {
            if (fault.name === 'UsernameExistsException') return false;
            throw fault;
          },
        );
      await client.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }));
      return made;
    },
    async remove(email, GroupName) {
      const user = { UserPoolId, Username: email.toLowerCase() };
      if (GroupName !== undefined)
        await client.send(new AdminRemoveUserFromGroupCommand({ ...user, GroupName }));
      // What was signed in goes on for no longer than its token is valid.
      await client.send(new AdminUserGlobalSignOutCommand(user));
      if (GroupName === undefined) await client.send(new AdminDeleteUserCommand(user));
    },
  };
}
