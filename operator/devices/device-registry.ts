import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateKeysAndCertificateCommand,
  type CreateKeysAndCertificateCommandOutput,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeleteThingCommand,
  DescribeCertificateCommand,
  DescribeEndpointCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  type IoTClient,
  ListPrincipalThingsCommand,
  ListThingPrincipalsCommand,
  paginateListTargetsForPolicy,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';

/** A certificate of an installation's devices, and whose it is. */
interface ListedDevice {
  /** The name in IoT Core's registry; undefined where the certificate belongs to none. */
  readonly thing: string | undefined;
  readonly certificateId: string;
  /** IoT Core's: ACTIVE may connect. */
  readonly status: string;
  /** ISO 8601. */
  readonly validUntil: string | undefined;
}

/** What a new device needs. PEM. */
interface EnrolledDevice {
  readonly certificateId: string;
  readonly certificate: string;
  /** Undefined where the device made its key itself. */
  readonly privateKey: string | undefined;
}

/** The devices of an installation: the certificates that its policy is attached to. */
export interface DeviceRegistry {
  list(): Promise<ListedDevice[]>;
  /**
   * Makes a thing, where there is none of the name, and an active certificate for it.
   * @param request a signing request (PEM), where the device has a key of its own; otherwise IoT Core makes one
   */
  enrol(thing: string, request?: string): Promise<EnrolledDevice>;
  /** Ends what a device may: its certificates are deleted, and the thing. @returns how many certificates it had */
  revoke(thing: string): Promise<number>;
  /** Where devices connect: `host`, or `host:port` where that is not 8883. */
  endpoint(): Promise<string>;
}

/** @param policyName of the installation's devices */
export function createDeviceRegistry(client: IoTClient, policyName: string): DeviceRegistry {
  return {
    async list() {
      const devices: ListedDevice[] = [];
      for await (const { targets = [] } of paginateListTargetsForPolicy({ client }, { policyName })) {
        for (const principal of targets) {
          const certificateId = principal.split('/').at(-1) ?? '';
          const { things = [] } = await client.send(new ListPrincipalThingsCommand({ principal }));
          const { certificateDescription } = await client.send(
            new DescribeCertificateCommand({ certificateId }),
          );
          const { status = '', validity } = certificateDescription ?? {};
          const validUntil = validity?.notAfter?.toISOString();
          for (const thing of things.length === 0 ? [undefined] : things)
            devices.push({ thing, certificateId, status, validUntil });
        }
      }
      return devices.sort((a, b) => ((a.thing ?? '') < (b.thing ?? '') ? -1 : 1));
    },
    async enrol(thingName, request) {
      await client.send(new CreateThingCommand({ thingName }));
      const made: CreateKeysAndCertificateCommandOutput =
        request === undefined
          ? await client.send(new CreateKeysAndCertificateCommand({ setAsActive: true }))
          : await client.send(
              new CreateCertificateFromCsrCommand({ certificateSigningRequest: request, setAsActive: true }),
            );
      const { certificateArn = '', certificateId = '', certificatePem = '' } = made;
      await client.send(new AttachPolicyCommand({ policyName, target: certificateArn }));
      await client.send(new AttachThingPrincipalCommand({ thingName, principal: certificateArn }));
      return { certificateId, certificate: certificatePem, privateKey: made.keyPair?.PrivateKey };
    },
    async revoke(thingName) {
      const { principals = [] } = await client.send(new ListThingPrincipalsCommand({ thingName }));
      for (const principal of principals) {
        const certificateId = principal.split('/').at(-1) ?? '';
        // First: from here on it may not connect, whatever of the rest is reached.
        await client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
        await client.send(new DetachPolicyCommand({ policyName, target: principal }));
        await client.send(new DetachThingPrincipalCommand({ thingName, principal }));
        await client.send(new DeleteCertificateCommand({ certificateId }));
      }
      await client.send(new DeleteThingCommand({ thingName }));
      return principals.length;
    },
    async endpoint() {
      const { endpointAddress } = await client.send(
        new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }),
      );
      return endpointAddress ?? '';
    },
  };
}
