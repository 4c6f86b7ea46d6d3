import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readKept, writeKept } from './kept.ts';

/** Somebody who signs in. */
export interface User {
  readonly poolId: string;
  /** `sub` of the tokens; drawn once. */
  readonly sub: string;
  readonly username: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** In the order in which they were added. */
  readonly groups: readonly string[];
  readonly createdAtMs: number;
}

/** A user that a cloud is started with. */
export interface SeededUser {
  readonly name: string;
  /** Of those of the template. */
  readonly groups: readonly string[];
}

/** The users of all pools. Each change is on disk when it is done. */
export interface Users {
  /** By username; those of one pool. */
  of(poolId: string): readonly User[];
  find(poolId: string, username: string): User | undefined;
  bySub(sub: string): User | undefined;
  create(user: Pick<User, 'poolId' | 'username' | 'attributes'>): User;
  setGroups(user: User, groups: readonly string[]): User;
  remove(user: User): void;
}

/** @param directory keeps them across restarts, readable by its owner alone */
export function createUsers(directory: string): Users {
  const file = join(directory, 'users.json');
  const users = new Map(readKept<User[]>(file, []).map((user) => [user.sub, user]));
  const keep = (user: User): User => {
    users.set(user.sub, user);
    writeKept(file, [...users.values()]);
    return user;
  };
  const of = (poolId: string) =>
    [...users.values()]
      .filter((user) => user.poolId === poolId)
      .sort((a, b) => (a.username < b.username ? -1 : 1));
  return {
    of,
    find: (poolId, username) => of(poolId).find((user) => user.username === username),
    bySub: (sub) => users.get(sub),
    create: (user) => keep({ ...user, sub: randomUUID(), groups: [], createdAtMs: Date.now() }),
    setGroups: (user, groups) => keep({ ...user, groups: [...new Set(groups)] }),
    remove({ sub }) {
      users.delete(sub);
      writeKept(file, [...users.values()]);
    },
  };
}
