import { join } from 'node:path';
import { AwsError, arn } from '../../engine/calls.ts';
import { Journal } from '../../engine/journal.ts';

/** A device. */
export interface Thing {
  readonly name: string;
  readonly typeName?: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

export type CertificateStatus = 'ACTIVE' | 'INACTIVE' | 'REVOKED' | 'PENDING_ACTIVATION';

/** What a device shows. */
export interface Certificate {
  /** SHA-256 of its DER. */
  readonly id: string;
  readonly pem: string;
  readonly status: CertificateStatus;
  readonly createdMs: number;
  /** Of the authority that signed it, where that is a registered one. */
  readonly caId?: string | undefined;
}

/** An authority of the owner's, whose certificates may be registered when they are first shown. */
export interface RegisteredAuthority {
  readonly id: string;
  readonly pem: string;
  readonly isActive: boolean;
  readonly registersByItself: boolean;
  readonly templateName?: string | undefined;
}

type Entry =
  | { readonly thing: Thing }
  | { readonly removedThing: string }
  | { readonly certificate: Certificate }
  | { readonly removedCertificate: string }
  | { readonly authority: RegisteredAuthority }
  | { readonly switched: Switched; readonly name: string; readonly isOn: boolean }
  | { readonly link: LinkKind; readonly from: string; readonly to: string; readonly isThere: boolean };

/** A certificate's thing, or its policy. */
type LinkKind = 'thing' | 'policy';

/** What somebody can switch off and on again that the template makes. */
type Switched = 'rule' | 'template';

export const thingArn = (name: string): string => arn('iot', `thing/${name}`);
export const certificateArn = (id: string): string => arn('iot', `cert/${id}`);

/** Things, certificates and what is attached to what, on disk when a call returns. */
export class Registry {
  readonly things = new Map<string, Thing>();
  readonly certificates = new Map<string, Certificate>();
  readonly authorities = new Map<string, RegisteredAuthority>();
  /** By kind, certificates by `id → name`, as text. */
  readonly #links: Readonly<Record<LinkKind, Set<string>>> = { thing: new Set(), policy: new Set() };
  /** By kind and name, whether somebody switched it off or on. */
  readonly #switched = new Map<string, boolean>();
  readonly #journal: Journal<Entry>;

  constructor(directory: string) {
    this.#journal = new Journal(join(directory, 'registry.jsonl'));
    for (const entry of this.#journal.load()) this.#apply(entry);
  }

  put(entry: Entry): void {
    this.#journal.append(entry);
    this.#apply(entry);
  }

  thing(name: string): Thing {
    return found(this.things.get(name), `Thing ${name} cannot be found.`);
  }

  certificate(id: string): Certificate {
    return found(this.certificates.get(id), `Certificate ${id} cannot be found.`);
  }

  /** The things, or policies, of a certificate. */
  linked(kind: LinkKind, certificate: string): string[] {
    const start = `${certificate} `;
    return [...this.#links[kind]]
      .filter((link) => link.startsWith(start))
      .map((link) => link.slice(start.length));
  }

  /** The certificates of a thing. */
  certificatesOf(thing: string): string[] {
    return [...this.#links.thing]
      .filter((link) => link.endsWith(` ${thing}`))
      .map((link) => link.split(' ')[0] ?? '');
  }

  /** Whether it works: as somebody said, else as the template has it. */
  isOn(kind: Switched, name: string, byTemplate: boolean): boolean {
    return this.#switched.get(`${kind} ${name}`) ?? byTemplate;
  }

  close(): void {
    this.#journal.close();
  }

  #apply(entry: Entry): void {
    if ('thing' in entry) this.things.set(entry.thing.name, entry.thing);
    else if ('removedThing' in entry) this.things.delete(entry.removedThing);
    else if ('certificate' in entry) this.certificates.set(entry.certificate.id, entry.certificate);
    else if ('removedCertificate' in entry) this.certificates.delete(entry.removedCertificate);
    else if ('switched' in entry) this.#switched.set(`${entry.switched} ${entry.name}`, entry.isOn);
    else if ('authority' in entry) this.authorities.set(entry.authority.id, entry.authority);
    else this.#links[entry.link][entry.isThere ? 'add' : 'delete'](`${entry.from} ${entry.to}`);
  }
}

function found<Value>(value: Value | undefined, message: string): Value {
  if (value !== undefined) return value;
  throw new AwsError('ResourceNotFoundException', message, { status: 404 });
}
