/** UTC day on which a raw object arrived: of `raw/` the one in its key, of `landing/` the one when it was uploaded. */
export function arrivedOn({ key, lastModifiedMs }: { key: string; lastModifiedMs: number }): string {
  const hour = /^raw\/(\d{4})\/(\d\d)\/(\d\d)\/\d\d\//.exec(key);
  return hour === null
    ? new Date(lastModifiedMs).toISOString().slice(0, 10)
    : `${hour[1]}-${hour[2]}-${hour[3]}`;
}
