/** Every option that adds something, as context; what is a number is one that deploys. */
export const everyOptionOn: Readonly<Record<string, unknown>> = {
  'caudal:alertEmail': 'ops@example.com',
  'caudal:alertWebhook': 'https://alerts.example.com/caudal',
  'caudal:pageWebhook': 'https://pages.example.com/caudal',
  'caudal:staleAfter': 'water-temperature=60, gadget-telemetry=1440',
  'caudal:budgetDollars': 50,
  'caudal:corsOrigin': 'https://app.example.com',
  'caudal:ingestConcurrency': 8,
  'caudal:apiRatePerAddress': 1000,
  'caudal:rawInfrequentDays': 90,
  'caudal:rawLockDays': 30,
  'caudal:denyRawDeletion': true,
  'caudal:auditDataEvents': true,
  'caudal:monthlyReports': 'salon-bookings',
  'caudal:devices': true,
  'caudal:messageQueue': true,
  'caudal:kafka': 'readings@telemetry/0a1b2c3d-0000-4000-8000-000000000000-1',
  'caudal:kinesis': 'new',
  'caudal:network': 'inspection',
  'caudal:prefixLists': 'pl-63a5400a,pl-02cd2c6b',
  'caudal:zones': 'us-east-1a,us-east-1b',
  'caudal:requireNetwork': true,
};

/** Functions in a network that the stack makes, without a zone that inspects. */
const inOwnNetwork: Readonly<Record<string, unknown>> = {
  'caudal:network': 'private',
  'caudal:prefixLists': 'pl-63a5400a,pl-02cd2c6b',
};

/** Functions in a network that is there already, and a stream of Kinesis that is. */
const inOwnersNetwork: Readonly<Record<string, unknown>> = {
  'caudal:kinesis': 'stream/telemetry@0a1b2c3d-0000-4000-8000-000000000000',
  'caudal:network': 'private',
  'caudal:vpc':
    'vpc-0a1b2c3d4e5f60718/subnet-0a1b2c3d4e5f60718,subnet-1a1b2c3d4e5f60718/sg-0a1b2c3d4e5f60718',
};

/** Nothing that can be left out: a trial in an account that another application has set up. */
export const everyOptionOff: Readonly<Record<string, unknown>> = {
  'caudal:alertEmail': '',
  'caudal:alertWebhook': '',
  'caudal:pageWebhook': '',
  'caudal:observability': 'basic',
  'caudal:staleAfter': '',
  'caudal:writeUnitsPerHour': 0,
  'caudal:budgetDollars': 0,
  'caudal:corsOrigin': '',
  'caudal:ingestConcurrency': 0,
  'caudal:apiRatePerAddress': 0,
  'caudal:rawInfrequentDays': 0,
  'caudal:rawLockDays': 0,
  'caudal:denyRawDeletion': false,
  'caudal:auditDataEvents': false,
  'caudal:protectData': false,
  'caudal:apiLoggingRole': false,
  'caudal:console': false,
  'caudal:streams': false,
  'caudal:monthlyReports': '',
  'caudal:devices': false,
  'caudal:messageQueue': false,
  'caudal:kafka': '',
  'caudal:kinesis': '',
  'caudal:network': 'none',
  'caudal:vpc': '',
  'caudal:prefixLists': '',
  'caudal:zones': '',
  'caudal:requireNetwork': false,
};

/** The sets over which the templates are checked. */
export const optionSets: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'as shipped': {},
  'with every option on': everyOptionOn,
  'with every option off': everyOptionOff,
  'in a network of its own': inOwnNetwork,
  'in a network that is there': inOwnersNetwork,
};
