/** The app clients of the installation's user pool, by the names that its stacks give them. Names are not unique to Cognito. */
export interface AppClients {
  /** Ids of all clients of this name. Throws `StoreUnavailable` while Cognito can't be asked. */
  idsOf(name: string): Promise<readonly string[]>;
}
