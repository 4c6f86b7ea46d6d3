import { renderTable } from '../../cli/table.ts';
import type { LakeView } from '../../core/lake/lake-views.ts';

const typeNames = {
  text: 'text',
  time: 'timestamp',
  day: 'date',
  number: 'double',
  whole: 'integer',
  long: 'bigint',
  flag: 'boolean',
};

/** The views with their columns, types and units. */
export function viewsPage(views: readonly LakeView[]): string {
  return views
    .map(({ name, files, comment, columns }) =>
      [
        `${name}  ${comment}`,
        renderTable(
          [{ title: 'column' }, { title: 'type' }, { title: 'what it is' }],
          columns.map((column) => [column.name, typeNames[column.type], column.comment]),
        ),
        `${files}  its partition files as they lie, with withdrawn readings`,
      ].join('\n'),
    )
    .join('\n\n');
}

/** The same for machines. */
export const viewsReport = (views: readonly LakeView[]): object[] =>
  views.map(({ dataset, name, files, comment, columns }) => ({
    ...{ dataset: dataset.name, name, files, comment },
    columns: columns.map((column) => ({ ...column, type: typeNames[column.type] })),
  }));
