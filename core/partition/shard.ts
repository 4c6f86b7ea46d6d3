/**
 * The shard of a series: FNV-1a, 32 bits, over the UTF-8 bytes of the sensor id, modulo `shards`. Part of the
 * layout: a change would scatter a series over two files. Sensor ids are ASCII, so a code unit is a byte.
 */
export function shardOf(sensorId: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < sensorId.length; index++) {
    hash = Math.imul(hash ^ sensorId.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % shards;
}
