import type { X509Certificate } from 'node:crypto';
import { AwsError } from '../../engine/calls.ts';
import { certificateArn, type Registry, thingArn } from './registry.ts';

/** A template by which a certificate of a registered authority becomes a device when it is first shown (JITP). */
export interface ProvisioningTemplate {
  readonly name: string;
  readonly body: string;
  readonly roleArn: string;
  readonly isEnabled: boolean;
}

/** What provisioning does, as IAM names it, and on what. */
export type ProvisioningCheck = (template: ProvisioningTemplate, action: string, resource: string) => void;

interface Declared {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** The parameters that AWS gives, by what they are of the certificate's subject. */
const ofSubject: Readonly<Record<string, string>> = {
  CommonName: 'CN',
  Country: 'C',
  Organization: 'O',
  OrganizationalUnit: 'OU',
  StateName: 'ST',
  SerialNumber: 'serialNumber',
};
const knownProperties: Readonly<Record<string, readonly string[]>> = {
  'AWS::IoT::Thing': ['ThingName', 'AttributePayload'],
  'AWS::IoT::Certificate': ['CertificateId', 'Status'],
  'AWS::IoT::Policy': ['PolicyName'],
};

/** The resources of a template. @throws {Error} that names what is not built */
export function parseProvisioningBody(body: string): readonly Declared[] {
  const { Parameters = {}, Resources = {}, ...rest } = JSON.parse(body) as Record<string, object>;
  const odd = Object.keys(rest)[0];
  if (odd !== undefined) throw new Error(`${odd} of a provisioning template is not built`);
  for (const name of Object.keys(Parameters)) {
    const isKnown = name === 'AWS::IoT::Certificate::Id' || ofSubject[partOf(name)] !== undefined;
    if (!isKnown) throw new Error(`the parameter ${name} of a provisioning template is not built`);
  }
  const resources = Object.values(Resources) as Declared[];
  for (const { Type, Properties } of resources) {
    const known = knownProperties[Type];
    if (known === undefined) throw new Error(`${Type} in a provisioning template is not built`);
    const property = Object.keys(Properties).find((name) => !known.includes(name));
    if (property !== undefined)
      throw new Error(`${property} of ${Type} in a provisioning template is not built`);
  }
  return resources;
}

/** Makes the thing, activates the certificate and attaches both, with the role's permissions. @throws {AwsError} for what the role may not, or a subject lacks */
export function provisionDevice(
  registry: Registry,
  { template, certificate, id }: { template: ProvisioningTemplate; certificate: X509Certificate; id: string },
  may: ProvisioningCheck,
): void {
  const value = (given: unknown): string => {
    const reference = (given as { Ref?: string } | undefined)?.Ref;
    if (reference === undefined) return String(given);
    if (reference === 'AWS::IoT::Certificate::Id') return id;
    const part = new RegExp(`^${ofSubject[partOf(reference)] ?? '-'}=(.*)$`, 'm').exec(
      certificate.subject,
    )?.[1];
    if (part !== undefined) return part;
    throw new AwsError('InvalidRequestException', `The certificate has no ${reference}.`);
  };
  let thing: string | undefined;
  const policies: string[] = [];
  for (const { Type, Properties } of parseProvisioningBody(template.body)) {
    if (Type === 'AWS::IoT::Thing') thing = value(Properties.ThingName);
    if (Type === 'AWS::IoT::Policy') policies.push(value(Properties.PolicyName));
  }
  if (thing !== undefined && !registry.things.has(thing)) {
    may(template, 'iot:CreateThing', thingArn(thing));
    registry.put({ thing: { name: thing, attributes: {} } });
  }
  for (const policy of policies) {
    may(template, 'iot:AttachPolicy', certificateArn(id));
    registry.put({ link: 'policy', from: id, to: policy, isThere: true });
  }
  if (thing !== undefined) {
    may(template, 'iot:AttachThingPrincipal', certificateArn(id));
    registry.put({ link: 'thing', from: id, to: thing, isThere: true });
  }
  may(template, 'iot:UpdateCertificate', certificateArn(id));
  registry.put({ certificate: { ...registry.certificate(id), status: 'ACTIVE' } }); // last: a crash before it provisions again
}

const partOf = (parameter: string): string => parameter.split('::').at(-1) ?? '';
