import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IoTClient } from '@aws-sdk/client-iot';
import { stageOf } from '../../cli/connection.ts';
import { discover } from '../../cli/discovery.ts';
import { text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { renderTable } from '../../cli/table.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { devicePolicyName, deviceTopicRoot } from '../../core/device-names.ts';
import { jsonOption } from '../shared/options.ts';
import { createDeviceRegistry, type DeviceRegistry } from './device-registry.ts';

const thing = {
  valueName: 'THING',
  pattern: /^[a-zA-Z0-9_-]{1,128}$/,
  accepted: 'a name of 1 to 128 letters, digits, hyphens and underscores',
};

/** `caudal devices` */
export const devices = defineInstallationVerb({
  command: 'npm run caudal -- devices',
  summary:
    'lists the devices that may publish through IoT Core, enrols one with a certificate, takes one away',
  about: [
    'A device is a certificate that the policy of the installation is attached to, and the thing that it belongs to: it may connect under that name, and publish to caudal/DATASET/NAME.',
  ],
  options: {
    enrol: text({
      help: 'makes a device of this name, and writes its certificate and key into --out',
      ...thing,
    }),
    csr: text({
      valueName: 'FILE',
      help: "of --enrol: the device's own signing request (PEM), so that its key never leaves it; otherwise IoT Core makes a key",
    }),
    out: text({ valueName: 'DIR', help: 'of --enrol: where the files are written', default: '.' }),
    revoke: text({
      help: 'deletes the certificates of a device, which ends its connections, and the thing',
      ...thing,
    }),
    ...jsonOption,
  },
  exclusive: [['enrol', 'revoke']],
  notes: ['docs/devices.md has the whole way of a device. caudal:devices has to be true.'],
  examples: ['npm run caudal -- devices --enrol mast-7 --out keys'],
  async run({ enrol, csr, out, revoke, json }) {
    if (csr !== undefined && enrol === undefined) throw new UsageError('--csr goes with --enrol.');
    const { settings } = await discover();
    const registry = createDeviceRegistry(new IoTClient(settings), devicePolicyName(stageOf()));
    if (enrol !== undefined) return enrolled(registry, { thing: enrol, csr, out, json });
    if (revoke !== undefined) {
      const certificates = await registry.revoke(revoke);
      if (json) print(JSON.stringify({ thing: revoke, certificates }));
      else print(`${revoke} is no device any more: ${certificates} of its certificates are deleted`);
      return 0;
    }
    const found = await registry.list();
    if (json) print(JSON.stringify(found, null, 2));
    else if (found.length === 0) print('There are no devices. Enrol one with --enrol NAME --out DIR.');
    else print(deviceTable(found));
    return 0;
  },
});

const deviceTable = (found: Awaited<ReturnType<DeviceRegistry['list']>>): string =>
  renderTable(
    [{ title: 'thing' }, { title: 'status' }, { title: 'valid until' }, { title: 'certificate' }],
    found.map((each) => [
      each.thing ?? '(none)',
      each.status,
      each.validUntil?.slice(0, 10) ?? '',
      `${each.certificateId.slice(0, 12)}…`,
    ]),
  );

async function enrolled(
  registry: DeviceRegistry,
  given: { thing: string; csr: string | undefined; out: string; json: boolean },
): Promise<number> {
  const request = given.csr === undefined ? undefined : await readFile(given.csr, 'utf8');
  const endpoint = await registry.endpoint();
  await mkdir(given.out, { recursive: true }); // before there is a key that could not be written
  const { certificateId, certificate, privateKey } = await registry.enrol(given.thing, request);
  const certificateFile = join(given.out, `${given.thing}.pem`);
  const keyFile = join(given.out, `${given.thing}-key.pem`);
  await writeFile(certificateFile, certificate);
  if (privateKey !== undefined) await writeFile(keyFile, privateKey, { mode: 0o600 });
  const url = `mqtts://${endpoint}/${deviceTopicRoot(stageOf())}/DATASET/${given.thing}`;
  if (given.json) {
    print(JSON.stringify({ thing: given.thing, certificateId, url, certificateFile }));
    return 0;
  }
  const key = privateKey === undefined ? 'its own' : `${keyFile}, which nobody can read again from IoT Core`;
  print(
    [
      `${given.thing} is a device.`,
      `certificate  ${certificateFile}`,
      `key          ${key}`,
      `publishes to ${url}`,
    ].join('\n'),
  );
  return 0;
}
