import type { InputHTMLAttributes } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useText } from '../app/context.ts';
import { changeQuery, useRoute } from '../app/router.ts';

/** Fields whose values are in the address: they show what it says, going back and forward too. */

interface ChoiceFieldProps<Value extends string> {
  /** Its parameter in the address. */
  readonly name: string;
  readonly label: string;
  readonly options: readonly Value[];
  /** What an option is called; without it by its own name. */
  readonly titles?: Readonly<Record<Value, string>>;
  /** What no choice is called. Without it the first option is chosen where the address says none. */
  readonly all?: string;
  /** Parameters that another choice leaves out. */
  readonly clears?: readonly string[];
}

/** One of a few values. */
export function ChoiceField<Value extends string>(given: ChoiceFieldProps<Value>) {
  const { name, label, options, titles, all, clears = [] } = given;
  const value = chosenOf(useRoute().query, name, options);
  return (
    <label>
      {label}
      <select
        value={value ?? (all === undefined ? options[0] : '')}
        onChange={({ currentTarget }) => choose(name, currentTarget.value, clears)}
      >
        {all !== undefined && <option value="">{all}</option>}
        {options.map((option) => (
          <option key={option} value={option}>
            {titles?.[option] ?? option}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Tells the address another value, and takes from it what was of the one before. */
const choose = (name: string, value: string, clears: readonly string[]): void =>
  changeQuery({ ...Object.fromEntries(clears.map((cleared) => [cleared, undefined])), [name]: value });

/** Which of the values the address names; what somebody typed into it may be none. */
export const chosenOf = <Value extends string>(
  query: URLSearchParams,
  name: string,
  options: readonly Value[],
): Value | undefined => options.find((option) => option === query.get(name));

/**
 * A field that somebody types into before the address is told: it shows `value`, and another one as soon as there is another, such as
 * after going back. The field stays the same, so that it keeps the keyboard.
 */
export function Typed({
  value = '',
  ...others
}: InputHTMLAttributes & { readonly value: string | undefined }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current) field.current.value = value;
  }, [value]);
  return <input {...others} ref={field} defaultValue={value} />;
}

/** A text, in the address once it is left or Enter is pressed. */
export function SearchField({ name, label }: { name: string; label: string }) {
  const value = useRoute().query.get(name) ?? '';
  return (
    <label>
      {label}
      <Typed
        type="search"
        value={value}
        onChange={(event) => changeQuery({ [name]: event.currentTarget.value.trim() })}
      />
    </label>
  );
}

interface DayFieldProps {
  readonly name: 'from' | 'to';
  readonly value: string | undefined;
  /** Parameters that another day leaves out. */
  readonly clears?: readonly string[];
}

/** The first or the last day of what is shown. */
export function DayField({ name, value, clears = [] }: DayFieldProps) {
  return (
    <label>
      {useText().series[name]}
      <input
        type="date"
        value={value}
        onChange={({ currentTarget }) => {
          if (currentTarget.value !== '') choose(name, currentTarget.value, clears);
        }}
      />
    </label>
  );
}
