import { asFault, nameOf } from '../store-faults.ts';

/** Awaits a conditional write: whether its condition held. Other faults come out as `asFault` names them. */
export async function conditionHeld(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (fault) {
    if (nameOf(fault) === 'ConditionalCheckFailedException') return false;
    throw asFault(fault);
  }
}
