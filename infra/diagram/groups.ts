/** A box of the diagram: resources that a reader takes for one thing. */
export interface Group {
  readonly title: string;
  /** `<stack>/<logical id>` of its resources. */
  readonly holds: RegExp;
  /** Place in the grid: column from the left, row from the top. */
  readonly at: readonly [column: number, row: number];
}

/** Readings go from left to right in the second row; below are who asks, and the jobs. */
export const groups: readonly Group[] = [
  { title: 'Devices: IoT Core', holds: /^CaudalSources\/Devices/, at: [0, 0] },
  { title: 'Queue of readings', holds: /^CaudalSources\/MessageQueue/, at: [0, 1] },
  { title: 'Pipe from Kafka', holds: /^CaudalSources\/Kafka/, at: [0, 2] },
  { title: 'Stream of Kinesis', holds: /^CaudalSources\/Kinesis/, at: [0, 3] },
  { title: 'Delivery stream', holds: /^CaudalIngest\/Readings/, at: [1, 1] },
  { title: 'Raw bucket', holds: /^CaudalData\/BucketsRaw/, at: [2, 1] },
  { title: 'Queue of new objects', holds: /^CaudalIngest\/Ingest/, at: [3, 1] },
  { title: 'Pipe: batches', holds: /^CaudalIngest\/Batches/, at: [4, 1] },
  { title: 'Workflow: ingest', holds: /^CaudalIngest\/Workflow/, at: [5, 1] },
  { title: 'Functions of ingest', holds: /^CaudalIngest\/(Functions|Silence)/, at: [6, 1] },
  { title: 'Alerts: topic', holds: /^CaudalIngest\/Alerts/, at: [7, 1] },
  { title: 'Monthly reports', holds: /^CaudalReports\/Monthly/, at: [7, 3] },
  { title: 'Event bus', holds: /^CaudalIngest\/Bus/, at: [3.4, 0] },
  { title: 'Tables', holds: /^CaudalData\/Tables/, at: [5, 2] },
  { title: 'Curated bucket', holds: /^CaudalData\/BucketsCurated/, at: [6, 2] },
  { title: 'SQL: Glue, Athena', holds: /^CaudalData\/Lake/, at: [7, 2] },
  { title: 'Console: CloudFront', holds: /^CaudalConsole\//, at: [1, 3] },
  { title: 'API Gateway', holds: /^CaudalApi\/Api/, at: [2, 3] },
  { title: 'Sign-in: Cognito', holds: /^CaudalApi\/Tokens/, at: [2, 4] },
  { title: 'Functions of the API', holds: /^CaudalApi\/\w*Functions/, at: [3, 3] },
  { title: 'Bucket of uploads', holds: /^CaudalData\/BucketsUploads/, at: [3, 4] },
  { title: 'Workflow: jobs', holds: /^CaudalJobs\/Workflow/, at: [4, 4] },
  { title: 'Functions of jobs', holds: /^CaudalJobs\/Functions/, at: [5, 4] },
  { title: 'Bucket of toons', holds: /^CaudalJobs\/Toons/, at: [6, 3] },
  { title: 'Notices of jobs', holds: /^CaudalJobs\/Notices/, at: [7, 4] },
];

/** Types that are drawn; what belongs to them, such as policies and log groups, is not. */
export const drawnTypes: ReadonlySet<string> = new Set([
  'AWS::ApiGateway::RestApi',
  'AWS::Athena::WorkGroup',
  'AWS::CloudFront::Distribution',
  'AWS::Cognito::UserPool',
  'AWS::DynamoDB::Table',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::Glue::Table',
  'AWS::IoT::TopicRule',
  'AWS::Kinesis::Stream',
  'AWS::KinesisFirehose::DeliveryStream',
  'AWS::Lambda::Function',
  'AWS::Pipes::Pipe',
  'AWS::S3::Bucket',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::StepFunctions::StateMachine',
]);

/** What would be beside every box, or beside none: logs of accesses, the trail, pages of who is on duty. */
export const leftOut = /AccessLogs|^CaudalData\/Audit|DeadLetters|^CaudalApi\/Pages/;
