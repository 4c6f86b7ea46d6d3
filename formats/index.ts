import type { ShippedFormat } from '../core/formats/shipped-format.ts';
import { davisWeatherlink } from './davis-weatherlink.ts';
import { dwdCdc } from './dwd-cdc.ts';
import { hobo } from './hobo.ts';
import { hydrasMis } from './hydras-mis.ts';
import { meteostat } from './meteostat.ts';
import { noaaGhcnDaily } from './noaa-ghcn-daily.ts';
import { noaaIsdLite } from './noaa-isd-lite.ts';
import { openaq } from './openaq.ts';
import { sensorCommunity } from './sensor-community.ts';
import { thingspeak } from './thingspeak.ts';
import { toa5 } from './toa5.ts';
import { toaci1 } from './toaci1.ts';
import { usgsRdb } from './usgs-rdb.ts';
import { zrxp } from './zrxp.ts';

/** All that ship. A file is of one of them at the most. */
export const shippedFormats: readonly ShippedFormat[] = [
  davisWeatherlink,
  dwdCdc,
  hobo,
  hydrasMis,
  meteostat,
  noaaGhcnDaily,
  noaaIsdLite,
  openaq,
  sensorCommunity,
  thingspeak,
  toa5,
  toaci1,
  usgsRdb,
  zrxp,
];
