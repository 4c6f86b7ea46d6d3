import topology from 'world-atlas/land-110m.json' with { type: 'json' };

/** A coast: longitudes and latitudes in turn, the last place the first again. */
export type Ring = readonly number[];

/** What of TopoJSON the outline of land uses: quantized arcs, each place as its distance from the one before. */
interface Land {
  readonly transform: { readonly scale: readonly number[]; readonly translate: readonly number[] };
  readonly arcs: readonly (readonly (readonly number[])[])[];
  readonly objects: {
    readonly land: {
      readonly geometries: readonly { readonly arcs: readonly (readonly (readonly number[])[])[] }[];
    };
  };
}

/** The land of the Earth by Natural Earth, 1:110,000,000, which is in the public domain. */
export function coasts(): Ring[] {
  const { transform, arcs, objects } = topology as Land;
  const [scaleX = 1, scaleY = 1] = transform.scale;
  const [left = 0, bottom = 0] = transform.translate;
  const decoded = arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx = 0, dy = 0]) => {
      x += dx;
      y += dy;
      return [x * scaleX + left, y * scaleY + bottom] as const;
    });
  });
  /** A negative number is the arc of its complement, from its end to its beginning. */
  const placesOf = (arc: number) => (arc < 0 ? (decoded[~arc] ?? []).toReversed() : (decoded[arc] ?? []));
  return objects.land.geometries.flatMap(({ arcs: polygons }) =>
    polygons.flatMap((rings) =>
      rings.map((ring) => {
        const places = (ring as unknown as number[]).flatMap((arc, index) =>
          placesOf(arc).slice(index === 0 ? 0 : 1),
        );
        return places.flat();
      }),
    ),
  );
}
