import type { ShippedFormat } from '../core/formats/shipped-format.ts';
import { toa5 } from './toa5.ts';

/** All that ship, in the order in which a file is compared with them. */
export const shippedFormats: readonly ShippedFormat[] = [toa5];
