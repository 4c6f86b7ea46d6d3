import 'reflect-metadata'; // before the library, which needs it
import { createHash, randomBytes, type webcrypto, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Of the authority, and of what it signs: as on AWS, to the end of 2049. */
const notAfter = new Date('2049-12-31T23:59:59Z');

/** The authority that stands for AWS's own: of the server's certificate, and of those that the registry makes for devices. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** For the broker on loopback. PEM. */
  server(): Promise<{ cert: string; key: string }>;
  /** A device's certificate for the key of a signing request. @throws {Error} for what is none, or is signed by another key */
  sign(request: string): Promise<string>;
  /** A device's certificate with new keys. PEM. */
  issue(): Promise<{ certificate: string; publicKey: string; privateKey: string }>;
}

/** What a certificate is known by: the SHA-256 of its DER, in hex. */
export const certificateId = (certificate: X509Certificate): string =>
  createHash('sha256').update(certificate.raw).digest('hex');

/** Opens the authority, which is made when it is first asked for. @param file of its certificate, PEM; its key lies beside it, for the owner alone */
export async function openAuthority(file: string): Promise<Authority> {
  const keyFile = file.replace(/\.pem$/, '-key.pem');
  const { certificate, key } = (await stored(file, keyFile)) ?? (await made(file, keyFile));
  const issuer = new X509Certificate(certificate).subject;

  async function signed(
    subject: string,
    publicKey: webcrypto.CryptoKey,
    names: readonly { type: 'dns' | 'ip'; value: string }[],
  ): Promise<string> {
    const isServer = names.length > 0;
    const generated = await X509CertificateGenerator.create({
      serialNumber: randomBytes(16).toString('hex'),
      ...{ subject, issuer, publicKey, signingKey: key, signingAlgorithm: algorithm, notAfter },
      notBefore: new Date(Date.now() - 60_000), // a device's clock may be behind
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([isServer ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
        ...(isServer ? [new SubjectAlternativeNameExtension([...names])] : []),
      ],
    });
    return generated.toString('pem');
  }

  return {
    certificate,
    async server() {
      const keys = await newKeys();
      const names = [
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ] as const;
      const cert = await signed('CN=localhost', keys.publicKey, names);
      return { cert, key: await pemOf('pkcs8', keys.privateKey) };
    },
    async sign(request) {
      const csr = new Pkcs10CertificateRequest(request);
      if (!(await csr.verify())) throw new Error('the signing request is signed by another key');
      return signed(csr.subject || 'CN=AWS IoT Certificate', await csr.publicKey.export(), []);
    },
    async issue() {
      const keys = await newKeys();
      return {
        certificate: await signed('CN=AWS IoT Certificate', keys.publicKey, []),
        publicKey: await pemOf('spki', keys.publicKey),
        privateKey: await pemOf('pkcs8', keys.privateKey),
      };
    },
  };
}

async function stored(file: string, keyFile: string) {
  try {
    const certificate = readFileSync(file, 'utf8');
    const der = PemConverter.decodeFirst(readFileSync(keyFile, 'utf8'));
    return { certificate, key: await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

async function made(file: string, keyFile: string) {
  const keys = await newKeys();
  const generated = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: randomBytes(16).toString('hex'), name: 'CN=Local IoT authority', keys, notAfter },
    ...{ signingAlgorithm: algorithm, notBefore: new Date(Date.now() - 60_000) },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const certificate = generated.toString('pem');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(keyFile, await pemOf('pkcs8', keys.privateKey), { mode: 0o600 });
  writeFileSync(file, certificate); // last: with it, the key is there
  return { certificate, key: keys.privateKey };
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

async function pemOf(format: 'pkcs8' | 'spki', key: webcrypto.CryptoKey): Promise<string> {
  const der = await crypto.subtle.exportKey(format, key);
  return PemConverter.encode(der, format === 'pkcs8' ? 'PRIVATE KEY' : 'PUBLIC KEY');
}
