import { shippedJson } from '../../core/formats/shipped-json.ts';

export const sqsMessages = shippedJson({
  name: 'sqs-messages',
  title: 'Amazon SQS, bodies of messages',
  about: `Messages of a queue, whose bodies are JSON texts: a message a line, as EventBridge Pipes writes them to a stream; lists of them; and {"Records": […]}, as a function gets them, in files and in lines. A
body is one record, or a list of records, and paths from @ are within it: give \`time\` by \`timePath\`, and \`fields\` where members have other names than the dataset's. In the stream it takes lines with
Records[0].body; for lines of one message give \`when\` a value that only that queue's have, such as '$.eventSourceARN': ['arn:aws:sqs:…'].`,
  // What is in the bodies, and which of it matters, is nobody's to propose but the owner's.
  recognises: () => false,
  format: {
    kind: 'json',
    syntax: 'sqs',
    records: '$.Records[*]',
    when: { '$.Records[0].body': 'present' },
    time: { path: '@.timestamp', format: 'iso' },
  },
});
