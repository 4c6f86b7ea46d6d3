import { shippedJson } from '../../core/formats/shipped-json.ts';

export const firehoseDemo = shippedJson({
  name: 'firehose-demo',
  title: 'Amazon Data Firehose, demo data',
  about: `The stock tickers that the console of Firehose sends under "Test with demo data". The sensor is the symbol. They have no time: the dataset's is \`time: 'arrival'\`. Name your measures in \`fields\`: change and
price are CHANGE and PRICE, and an attribute may be SECTOR. The dataset stock-ticks, which ships, takes them as they are, by its \`unnamed\`: beside another dataset that takes them too, the lines
would be rejected.`,
  recognises: (start) => /^\s*[[{]/.test(start) && /"TICKER_SYMBOL"\s*:/.test(start) && /"SECTOR"\s*:/.test(start),
  format: {
    kind: 'json',
    when: { '$.TICKER_SYMBOL': 'present', '$.PRICE': 'present' },
    fields: { sensorId: '$.TICKER_SYMBOL' },
  },
}); // biome-ignore format: short
