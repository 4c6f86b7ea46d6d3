import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import {
  AwsError,
  type AwsRequest,
  type AwsResponse,
  arn,
  type Service,
  unknownOperation,
} from '../../engine/calls.ts';
import type { Broker } from './broker.ts';
import type { Authority } from './certificates.ts';
import { type DevicePolicy, parseDevicePolicy } from './device-policy.ts';
import { type ProvisioningCheck, type ProvisioningTemplate, parseProvisioningBody } from './provisioning.ts';
import { type Certificate, type CertificateStatus, certificateArn, Registry, thingArn } from './registry.ts';
import { matchesFilter } from './rule-sql.ts';
import type { TopicRule } from './topic-rule.ts';
import { watchedOperations, watchedRoutes } from './watched-operations.ts';

export interface IotOptions {
  directory: string;
  /** The broker's port; 0 for any. */
  port: number;
  /** Puts a record; throws where the rule's role may not, or the stream takes none. On disk when it returns. */
  deliver(rule: TopicRule, record: Buffer): void;
  /** Sends to the queue of `onError`; throws where its role may not. */
  sendError(rule: TopicRule, body: string): void;
  mayProvision: ProvisioningCheck;
  log(text: string): void;
}

/** IoT Core: the registry of things and certificates, rules to delivery streams, and a broker. */
export interface Iot extends Service {
  createRule(rule: TopicRule): { arn: string };
  createPolicy(name: string, document: unknown): { arn: string };
  createTemplate(template: ProvisioningTemplate): { arn: string };
  /** Where a device connects, once it listens: `localhost:8883`. Undefined where the template has nothing of IoT Core. */
  readonly endpoint: string | undefined;
  /** PEM file of the authority that the broker's certificate is of. */
  readonly authorityFile: string;
  listen(): Promise<void>;
  close(): Promise<void>;
}

type Operation = (request: AwsRequest, of: string) => object | Promise<object>;

const routes: readonly (readonly [method: string, path: RegExp, operation: string])[] = [
  ['GET', /^\/endpoint$/, 'DescribeEndpoint'],
  ['GET', /^\/things$/, 'ListThings'],
  ['GET', /^\/things\/([^/]+)\/principals$/, 'ListThingPrincipals'],
  ['PUT', /^\/things\/([^/]+)\/principals$/, 'AttachThingPrincipal'],
  ['DELETE', /^\/things\/([^/]+)\/principals$/, 'DetachThingPrincipal'],
  ['GET', /^\/things\/([^/]+)$/, 'DescribeThing'],
  ['POST', /^\/things\/([^/]+)$/, 'CreateThing'],
  ['DELETE', /^\/things\/([^/]+)$/, 'DeleteThing'],
  ['POST', /^\/keys-and-certificate$/, 'CreateKeysAndCertificate'],
  ['POST', /^\/certificates$/, 'CreateCertificateFromCsr'],
  ['GET', /^\/certificates\/([^/]+)$/, 'DescribeCertificate'],
  ['PUT', /^\/certificates\/([^/]+)$/, 'UpdateCertificate'],
  ['DELETE', /^\/certificates\/([^/]+)$/, 'DeleteCertificate'],
  ['PUT', /^\/target-policies\/([^/]+)$/, 'AttachPolicy'],
  ['POST', /^\/target-policies\/([^/]+)$/, 'DetachPolicy'],
  ['POST', /^\/attached-policies\/([^/]+)$/, 'ListAttachedPolicies'],
  ['POST', /^\/policy-targets\/([^/]+)$/, 'ListTargetsForPolicy'],
  ['GET', /^\/principals\/things$/, 'ListPrincipalThings'],
  ['POST', /^\/cacertificate$/, 'RegisterCACertificate'],
  ...watchedRoutes,
];

const namePattern = /^[a-zA-Z0-9:_-]{1,128}$/;
const pageSize = 250;

export function createIot(options: IotOptions): Iot {
  const { directory, log } = options;
  const registry = new Registry(directory);
  const authorityFile = join(directory, 'ca.pem');
  const rules = new Map<string, TopicRule>();
  const policies = new Map<string, DevicePolicy>();
  const templates = new Map<string, ProvisioningTemplate>();
  let opened: Promise<Authority> | undefined;
  let broker: Broker | undefined;
  /** Loaded when it is needed: the library takes time that an installation without devices need not spend. */
  const authority = (): Promise<Authority> => {
    opened ??= import('./certificates.ts').then(({ openAuthority }) => openAuthority(authorityFile));
    return opened;
  };

  async function register(pem: string, isActive: boolean): Promise<Certificate> {
    const { certificateId } = await import('./certificates.ts');
    const id = certificateId(new X509Certificate(pem));
    const status: CertificateStatus = isActive ? 'ACTIVE' : 'INACTIVE';
    const certificate = { id, pem, status, createdMs: Date.now() };
    registry.put({ certificate });
    return certificate;
  }

  const told = ({ id, pem }: Certificate) => ({
    certificateId: id,
    certificateArn: certificateArn(id),
    certificatePem: pem,
  });
  const ofPrincipal = ({ headers }: AwsRequest): string => {
    const id = String(headers['x-amzn-principal']).split('/').at(-1) ?? '';
    return registry.certificate(id).id;
  };
  const bodyOf = ({ body }: AwsRequest): Record<string, unknown> =>
    body.length === 0 ? {} : (JSON.parse(body.toString('utf8')) as Record<string, unknown>);
  const isTrue = ({ query }: AwsRequest, name: string): boolean => query.get(name) === 'true';
  const targetOf = (request: AwsRequest): string =>
    registry.certificate(String(bodyOf(request).target).split('/').at(-1) ?? '').id;
  const knownPolicy = (name: string): string => {
    if (policies.has(name)) return name;
    throw new AwsError('ResourceNotFoundException', `Policy not found: ${name}`, { status: 404 });
  };

  const operations: Readonly<Record<string, Operation>> = {
    ...watchedOperations({ registry, rules, policies, templates }),
    DescribeEndpoint: () => {
      if (broker !== undefined) return { endpointAddress: `localhost:${broker.port}` };
      throw new AwsError('ResourceNotFoundException', 'No broker runs: the template has no topic rule.', {
        status: 404,
      });
    },
    ListThings: ({ query }) => {
      const after = query.get('nextToken') ?? '';
      const size = Number(query.get('maxResults') ?? 0) || pageSize;
      const names = [...registry.things.keys()].sort().filter((name) => name > after);
      const shown = names.slice(0, size);
      return {
        things: shown.map((name) => thingAnswer(name)),
        ...(names.length > shown.length ? { nextToken: shown.at(-1) } : {}),
      };
    },
    DescribeThing: (_, name) => thingAnswer(name),
    CreateThing: (request, name) => {
      if (!namePattern.test(name))
        throw new AwsError('InvalidRequestException', `1 validation error detected: thingName ${name}`);
      const { thingTypeName, attributePayload } = bodyOf(request) as {
        thingTypeName?: string;
        attributePayload?: { attributes?: Record<string, string> };
      };
      const thing = { name, typeName: thingTypeName, attributes: attributePayload?.attributes ?? {} };
      const before = registry.things.get(name);
      // A thing that is there with the same attributes is no conflict, as on AWS.
      if (
        before !== undefined &&
        JSON.stringify(before) !== JSON.stringify(JSON.parse(JSON.stringify(thing)))
      )
        throw new AwsError(
          'ResourceAlreadyExistsException',
          `Thing ${name} already exists in account with different attributes`,
          {
            status: 409,
          },
        );
      if (before === undefined) registry.put({ thing });
      return { thingName: name, thingArn: thingArn(name) };
    },
    DeleteThing: (_, name) => {
      if (registry.certificatesOf(name).length > 0)
        throw new AwsError(
          'InvalidRequestException',
          `Cannot delete. Thing ${name} is still attached to one or more principals`,
        );
      if (registry.things.has(name)) registry.put({ removedThing: name });
      return {};
    },
    ListThingPrincipals: (_, name) => {
      registry.thing(name);
      return { principals: registry.certificatesOf(name).map(certificateArn) };
    },
    AttachThingPrincipal: (request, name) => {
      registry.thing(name);
      registry.put({ link: 'thing', from: ofPrincipal(request), to: name, isThere: true });
      return {};
    },
    DetachThingPrincipal: (request, name) => {
      registry.put({ link: 'thing', from: ofPrincipal(request), to: name, isThere: false });
      return {};
    },
    CreateKeysAndCertificate: async (request) => {
      const { certificate, publicKey, privateKey } = await (await authority()).issue();
      const made = await register(certificate, isTrue(request, 'setAsActive'));
      return { ...told(made), keyPair: { PublicKey: publicKey, PrivateKey: privateKey } };
    },
    CreateCertificateFromCsr: async (request) => {
      const csr = String(bodyOf(request).certificateSigningRequest);
      const pem = await (await authority()).sign(csr).catch((error: Error) => {
        throw new AwsError(
          'InvalidRequestException',
          `The certificate signing request can't be read: ${error.message}`,
        );
      });
      return told(await register(pem, isTrue(request, 'setAsActive')));
    },
    DescribeCertificate: (_, id) => {
      const certificate = registry.certificate(id);
      const { validFrom, validTo } = new X509Certificate(certificate.pem);
      return {
        certificateDescription: {
          ...told(certificate),
          status: certificate.status,
          creationDate: certificate.createdMs / 1_000,
          validity: { notBefore: Date.parse(validFrom) / 1_000, notAfter: Date.parse(validTo) / 1_000 },
        },
      };
    },
    UpdateCertificate: ({ query }, id) => {
      const status = query.get('newStatus') as CertificateStatus;
      if (!['ACTIVE', 'INACTIVE', 'REVOKED'].includes(status))
        throw new AwsError(
          'InvalidRequestException',
          `newStatus is ${status}; accepted: ACTIVE, INACTIVE, REVOKED`,
        );
      registry.put({ certificate: { ...registry.certificate(id), status } });
      if (status !== 'ACTIVE') broker?.disconnect(id);
      return {};
    },
    DeleteCertificate: (_, id) => {
      if (registry.certificate(id).status === 'ACTIVE')
        throw new AwsError(
          'CertificateStateException',
          'Certificate must be deactivated (not ACTIVE) before deletion.',
          {
            status: 406,
          },
        );
      if (registry.linked('thing', id).length + registry.linked('policy', id).length > 0)
        throw new AwsError(
          'DeleteConflictException',
          'Certificate must have no things and no policies attached.',
          {
            status: 409,
          },
        );
      registry.put({ removedCertificate: id });
      return {};
    },
    AttachPolicy: (request, name) => {
      registry.put({ link: 'policy', from: targetOf(request), to: knownPolicy(name), isThere: true });
      return {};
    },
    DetachPolicy: (request, name) => {
      registry.put({ link: 'policy', from: targetOf(request), to: knownPolicy(name), isThere: false });
      return {};
    },
    ListAttachedPolicies: (_, target) => ({
      policies: registry.linked('policy', target.split('/').at(-1) ?? '').map((name) => ({
        policyName: name,
        policyArn: arn('iot', `policy/${name}`),
      })),
    }),
    ListTargetsForPolicy: (_, name) => ({
      targets: [...registry.certificates.keys()]
        .filter((id) => registry.linked('policy', id).includes(knownPolicy(name)))
        .map(certificateArn),
    }),
    ListPrincipalThings: (request) => ({ things: registry.linked('thing', ofPrincipal(request)) }),
    RegisterCACertificate: async (request) => {
      const { caCertificate, certificateMode, registrationConfig } = bodyOf(request) as {
        caCertificate: string;
        certificateMode?: string;
        registrationConfig?: { templateName?: string };
      };
      if (certificateMode !== 'SNI_ONLY')
        throw new AwsError(
          'InvalidRequestException',
          'certificateMode is accepted as SNI_ONLY here: the other asks for a verification certificate.',
        );
      const { certificateId } = await import('./certificates.ts');
      const id = certificateId(new X509Certificate(caCertificate));
      const { templateName } = registrationConfig ?? {};
      if (templateName !== undefined && !templates.has(templateName))
        throw new AwsError('ResourceNotFoundException', `Template not found: ${templateName}`, {
          status: 404,
        });
      registry.put({
        authority: {
          ...{ id, pem: caCertificate, templateName },
          isActive: isTrue(request, 'setAsActive'),
          registersByItself: isTrue(request, 'allowAutoRegistration'),
        },
      });
      return { certificateId: id, certificateArn: arn('iot', `cacert/${id}`) };
    },
  };

  function thingAnswer(name: string) {
    const { attributes, typeName } = registry.thing(name);
    return {
      thingName: name,
      thingArn: thingArn(name),
      attributes,
      version: 1,
      ...(typeName ? { thingTypeName: typeName } : {}),
    };
  }

  /** By every rule whose filter takes the topic. What an action can't deliver goes to the rule's queue of errors. */
  function onMessage(topic: string, payload: Buffer): void {
    for (const rule of rules.values()) {
      const isOn = registry.isOn('rule', rule.name, rule.isEnabled);
      if (!isOn || !matchesFilter(rule.sql.from, topic)) continue; // acknowledged and lost, as on AWS
      try {
        const record = Buffer.concat([rule.sql.select({ topic, payload }), Buffer.from(rule.separator)]);
        options.deliver(rule, record);
      } catch (error) {
        const failure = {
          failedAction: 'FirehoseAction',
          failedResource: rule.stream,
          errorMessage: (error as Error).message,
        };
        log(`rule ${rule.name}: ${failure.errorMessage}\n`);
        if (rule.onError === undefined) continue; // silent, as on AWS
        const body = JSON.stringify({
          ruleName: rule.name,
          topic,
          base64OriginalPayload: payload.toString('base64'),
          failures: [failure],
        });
        options.sendError(rule, rule.onError.useBase64 ? Buffer.from(body).toString('base64') : body);
      }
    }
  }

  return {
    name: 'iot',
    protocol: 'rest-json',
    authorityFile,
    get endpoint() {
      return broker && `localhost:${broker.port}`;
    },
    createRule(rule) {
      rules.set(rule.name, rule);
      return { arn: arn('iot', `rule/${rule.name}`) };
    },
    createPolicy(name, document) {
      policies.set(name, parseDevicePolicy(document));
      return { arn: arn('iot', `policy/${name}`) };
    },
    createTemplate(template) {
      parseProvisioningBody(template.body); // fails now, not at the first device
      templates.set(template.name, template);
      return { arn: arn('iot', `provisioningtemplate/${template.name}`) };
    },
    async listen() {
      if (rules.size === 0) return;
      const { startBroker } = await import('./broker.ts');
      broker = await startBroker(
        {
          ...{ registry, onMessage, log, authority: await authority(), mayProvision: options.mayProvision },
          policy: (name) => policies.get(name),
          template: (name) => {
            const template = templates.get(name);
            return (
              template && { ...template, isEnabled: registry.isOn('template', name, template.isEnabled) }
            );
          },
        },
        options.port,
      );
    },
    async close() {
      await broker?.close();
      registry.close();
    },
    actionOf: ({ method, path }) => routeOf(method, path)?.operation ?? '',
    async handle(request): Promise<AwsResponse> {
      const route = routeOf(request.method, request.path);
      const operation = operations[route?.operation ?? ''];
      if (route === undefined || operation === undefined)
        throw unknownOperation('iot', `${request.method} ${request.path}`);
      const body = JSON.stringify(await operation(request, route.of));
      return { status: 200, headers: { 'content-type': 'application/json' }, body };
    },
  };
}

function routeOf(method: string, path: string): { operation: string; of: string } | undefined {
  for (const [verb, pattern, operation] of routes) {
    const match = method === verb ? pattern.exec(path) : null;
    if (match !== null) return { operation, of: decodeURIComponent(match[1] ?? '') };
  }
  return undefined;
}
