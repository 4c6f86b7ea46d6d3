const key = (AttributeName: string, KeyType: 'HASH' | 'RANGE') => ({ AttributeName, KeyType });
const Projection = { ProjectionType: 'KEYS_ONLY' };

/** The table of streams as the template has it: properties of AWS::DynamoDB::Table. */
export const streamsTable = {
  KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
  AttributeDefinitions: ['pk', 'sk', 'command', 'pending', 'pendingSince'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S',
  })),
  GlobalSecondaryIndexes: [
    { IndexName: 'pending', KeySchema: [key('pending', 'HASH'), key('pendingSince', 'RANGE')], Projection },
  ],
  LocalSecondaryIndexes: [
    { IndexName: 'by-command', KeySchema: [key('pk', 'HASH'), key('command', 'RANGE')], Projection },
  ],
};
