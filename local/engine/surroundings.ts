import type { Acting } from '../iam/permissions.ts';
import type { TokenServer } from '../services/cognito/token-server.ts';
import type { Identity } from '../services/sts/service.ts';
import type { Faults } from '../testing/faults.ts';
import type { LogFiles } from './log-files.ts';

/** What surrounds the services. */
export interface Surroundings {
  /** Holds each service's state in a separate folder. */
  directory: string;
  compileCache: string;
  endpointUrl: () => string;
  /** Puts local addresses in the place of those that exist only on AWS. */
  localText: (text: string) => string;
  timeScale: number;
  /** Where the broker of IoT Core listens; 0 for any port. */
  mqttPort: number;
  /** The pace of the functions' clocks. */
  functionTimeScale: number;
  /** Multiplies the timeouts of the state machines' tasks. */
  timeoutFactor: number;
  concurrentFunctions?: number | undefined;
  warmFunctions?: number | undefined;
  /** False: alarms are looked at only when somebody asks. */
  alarmsByThemselves: boolean;
  faults: Faults;
  logFiles: LogFiles;
  identityOf(accessKeyId: string): Identity | undefined;
  /** Undefined for a caller who is no resource of the template. */
  roleOf(accessKeyId: string | undefined): { roleArn: string; logicalId: string } | undefined;
  /** Who signs and checks tokens, once the template is loaded. */
  tokens: () => TokenServer;
  acting: Acting;
  onFault(fault: unknown): void;
}
