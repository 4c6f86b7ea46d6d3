import { useText } from '../app/context.ts';
import { changeQuery } from '../app/router.ts';

/** The first or the last day of what is shown, which is in the address. */
export function DayField({ name, value }: { name: 'from' | 'to'; value: string | undefined }) {
  return (
    <label>
      {useText().series[name]}
      <input
        type="date"
        value={value}
        onChange={(event) => event.currentTarget.value && changeQuery({ [name]: event.currentTarget.value })}
      />
    </label>
  );
}
