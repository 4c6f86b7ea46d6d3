/** A part of an address; somebody may have typed one with a `%` that says nothing, which then stands for itself. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
