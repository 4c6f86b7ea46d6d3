import { accountId } from '../../engine/calls.ts';
import {
  type Provisioners,
  type ProvisionOptions,
  physicalId,
  type Resource,
} from '../../template/resource.ts';
import { urlHost } from '../lambda/function-url.ts';
import type { Behavior, Origin } from './distribution.ts';
import { createEdgeFunction, type EdgeFunction } from './edge-function.ts';
import type { CloudFront } from './service.ts';

// biome-ignore lint/suspicious/noExplicitAny: a behavior or an origin is as CloudFormation has it
type Declared = Record<string, any>;

/** CloudFront's own cache policies, by what of a request the origin is told. Nothing is cached here. */
const cachePolicies: Readonly<Record<string, 'encodings' | 'nothing'>> = {
  '658327ea-f89d-4fab-a63d-7e88639e58f6': 'encodings', // CachingOptimized
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': 'nothing', // CachingDisabled
};
const allViewerExceptHostHeader = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

/** What is taken of each part of a distribution. The second list changes nothing on this machine: names, prices, protocols, its edges. */
const known = {
  config: [
    ['CacheBehaviors', 'DefaultCacheBehavior', 'Enabled', 'Origins'],
    ['Comment', 'HttpVersion', 'IPV6Enabled', 'PriceClass'],
  ],
  behavior: [
    [
      'AllowedMethods',
      'CachePolicyId',
      'FunctionAssociations',
      'OriginRequestPolicyId',
      'PathPattern',
      'TargetOriginId',
    ],
    ['ViewerProtocolPolicy'], // http on loopback stands for https
  ],
  origin: [['DomainName', 'Id', 'OriginAccessControlId', 'OriginPath'], ['CustomOriginConfig']],
} as const;

/** One distribution over function URLs and REST APIs, its functions and its origin access controls. */
export function provisionCloudFront(
  cloudfront: CloudFront,
  { localAddress }: ProvisionOptions,
): Provisioners {
  const functions = new Map<string, EdgeFunction>();
  const signing = new Set<string>();
  return {
    'AWS::CloudFront::OriginAccessControl': (resource) => {
      const { stack, logicalId, properties } = resource;
      const { OriginAccessControlOriginType: type, SigningBehavior: behavior } =
        properties.OriginAccessControlConfig ?? {};
      if (type !== 'lambda' || behavior !== 'always')
        refuse(resource, `an origin access control of type ${type} that signs ${behavior}`);
      const id = `E${physicalId(stack, logicalId, 13).toUpperCase()}`;
      signing.add(id);
      return { ref: id, attributes: { Id: id } };
    },
    'AWS::CloudFront::Function': (resource) => {
      const { properties } = resource;
      const { Runtime, KeyValueStoreAssociations } = properties.FunctionConfig ?? {};
      if (Runtime !== 'cloudfront-js-2.0') refuse(resource, `the runtime ${Runtime}`);
      if (KeyValueStoreAssociations !== undefined) refuse(resource, 'KeyValueStoreAssociations');
      const arn = `arn:aws:cloudfront::${accountId}:function/${properties.Name}`;
      functions.set(arn, createEdgeFunction(properties.Name, properties.FunctionCode));
      return { ref: arn, attributes: { FunctionARN: arn, 'FunctionMetadata.FunctionARN': arn } };
    },
    'AWS::CloudFront::Distribution': (resource) => {
      const { stack, logicalId, properties } = resource;
      const config: Declared = properties.DistributionConfig ?? {};
      takeOnly(resource, 'config', config);
      if (config.Enabled !== true) refuse(resource, 'a distribution that is not enabled');
      if (cloudfront.distribution() !== undefined) refuse(resource, 'a second distribution');
      const origins = new Map<string, Origin>(
        (config.Origins ?? []).map((origin: Declared) => [
          origin.Id,
          originOf(resource, origin, (id) => signing.has(id)),
        ]),
      );
      const declared: Declared[] = [
        ...(config.CacheBehaviors ?? []),
        { ...config.DefaultCacheBehavior, PathPattern: '*' },
      ];
      const id = `E${physicalId(stack, logicalId, 13).toUpperCase()}`;
      const domainName = `${physicalId(stack, `${logicalId}/domain`, 14)}.cloudfront.net`;
      cloudfront.createDistribution({
        id,
        domainName,
        arn: `arn:aws:cloudfront::${accountId}:distribution/${id}`,
        behaviors: declared.map((behavior) => behaviorOf(resource, behavior, { origins, functions })),
      });
      localAddress(`https://${domainName}`, 'console');
      return { ref: id, attributes: { Id: id, DomainName: domainName } };
    },
  };
}

function originOf(resource: Resource, declared: Declared, signs: (id: string) => boolean): Origin {
  takeOnly(resource, 'origin', declared);
  const { DomainName: host, OriginAccessControlId, OriginPath = '' } = declared;
  const urlId = String(host).split('.')[0] ?? '';
  if (host === urlHost(urlId)) return { kind: 'function-url', urlId, signed: signs(OriginAccessControlId) };
  if (/^\w+\.execute-api\./.test(host))
    return { kind: 'server', address: `https://${host}`, path: OriginPath };
  return refuse(resource, `the origin ${host}: only function URLs and REST APIs are served`);
}

function behaviorOf(
  resource: Resource,
  declared: Declared,
  {
    origins,
    functions,
  }: {
    origins: ReadonlyMap<string, Origin>;
    functions: ReadonlyMap<string, EdgeFunction>;
  },
): Behavior {
  const { Compress, ...rest } = declared;
  if (Compress === true) refuse(resource, 'Compress');
  takeOnly(resource, 'behavior', rest);
  const { AllowedMethods = ['GET', 'HEAD'], CachePolicyId, OriginRequestPolicyId, PathPattern } = rest;
  const origin = origins.get(rest.TargetOriginId);
  if (origin === undefined) refuse(resource, `the origin ${rest.TargetOriginId}, which it does not have`);
  const cached = cachePolicies[CachePolicyId];
  const forwardsAll = OriginRequestPolicyId === allViewerExceptHostHeader;
  if (cached === undefined || (OriginRequestPolicyId !== undefined && !forwardsAll))
    refuse(resource, `the policies ${CachePolicyId} and ${OriginRequestPolicyId} of ${PathPattern}`);
  if (
    origin?.kind === 'function-url' &&
    AllowedMethods.some((method: string) => !/^(GET|HEAD)$/.test(method))
  )
    refuse(resource, `methods with a body for the function of ${PathPattern}: nobody signs the body`);
  const associated: Declared[] = rest.FunctionAssociations ?? [];
  const [association] = associated;
  if (associated.length > 1 || (association && association.EventType !== 'viewer-request'))
    refuse(resource, `the functions of ${PathPattern}: one is taken, for viewer-request`);
  return {
    pathPattern: PathPattern,
    origin: origin as Origin,
    allowedMethods: AllowedMethods,
    forwards: forwardsAll ? 'all-but-host' : 'encodings',
    viewerRequest: association && functions.get(association.FunctionARN),
  };
}

/** Stops at a property that the local cloud would pass over and that means something. */
function takeOnly(resource: Resource, part: keyof typeof known, declared: Declared): void {
  const names: readonly string[] = known[part].flat();
  const other = Object.keys(declared).find((name) => !names.includes(name));
  if (other !== undefined) refuse(resource, `${other} of a ${part}`);
}

function refuse({ stack, logicalId, type }: Resource, what: string): never {
  throw new Error(`${stack}/${logicalId}: the local cloud does not support ${what} of ${type}.`);
}
