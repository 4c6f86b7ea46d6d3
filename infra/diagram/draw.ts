import type { Model } from './model.ts';

const width = 176;
const height = 62;
const columnPitch = 240;
const rowPitch = 128;
const margin = 24;
const heading = 44;

type Box = Model['boxes'][number];
interface Point {
  readonly x: number;
  readonly y: number;
}

const corner = ({ at: [column, row] }: Box): Point => ({
  x: margin + column * columnPitch,
  y: margin + heading + row * rowPitch,
});
const centre = (box: Box): Point => ({ x: corner(box).x + width / 2, y: corner(box).y + height / 2 });

const sizeOf = ({ boxes }: Model) => ({
  width: Math.max(...boxes.map((box) => corner(box).x)) + width + margin,
  height: Math.max(...boxes.map((box) => corner(box).y)) + height + margin + 22,
});

/** A colour for each kind of box: fill and line, both legible under dark text. */
function coloursOf({ holdsTypes }: Box): readonly [fill: string, line: string] {
  const has = (pattern: RegExp) => [...holdsTypes.keys()].some((type) => pattern.test(type));
  if (has(/S3::|DynamoDB/)) return ['#e3f1e3', '#3f7d3f'];
  if (has(/Lambda/)) return ['#fdebd8', '#b8651b'];
  if (has(/StepFunctions|Pipes|Events/)) return ['#f9e1ec', '#a83a70'];
  return ['#e2ebf8', '#3d65a5'];
}

const plural = (count: number, type: string): string => {
  const [, service = '', kind = ''] = type.split('::');
  const name = names[type] ?? `${service} ${kind}`;
  if (type === 'AWS::Glue::Table') return name; // some for each dataset: a dataset more is no other architecture
  return count === 1 ? name : `${count} ${name}s`;
};
const names: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::RestApi': 'REST API',
  'AWS::Athena::WorkGroup': 'workgroup',
  'AWS::CloudFront::Distribution': 'distribution',
  'AWS::Cognito::UserPool': 'user pool',
  'AWS::DynamoDB::Table': 'table',
  'AWS::Events::EventBus': 'bus',
  'AWS::Events::Rule': 'rule',
  'AWS::Glue::Table': 'tables',
  'AWS::IoT::TopicRule': 'topic rule',
  'AWS::Kinesis::Stream': 'Kinesis',
  'AWS::KinesisFirehose::DeliveryStream': 'Firehose',
  'AWS::Lambda::Function': 'function',
  'AWS::Pipes::Pipe': 'pipe',
  'AWS::S3::Bucket': 'bucket',
  'AWS::SNS::Topic': 'topic',
  'AWS::SQS::Queue': 'queue',
  'AWS::StepFunctions::StateMachine': 'state machine',
};
const detailOf = ({ holdsTypes }: Box): string =>
  [...holdsTypes].map(([type, count]) => plural(count, type)).join(', ');

const key =
  'Drawn from the templates by node infra/diagram/main.ts. An arrow goes from who acts to what it acts on; a dashed box is an option.';
const title = 'Caudal on AWS';
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** Where the line between two centres leaves a box. */
function edgeOf(box: Box, to: Point): Point {
  const from = centre(box);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const share = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : (width / 2 + 3) / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : (height / 2 + 3) / Math.abs(dy),
  );
  return { x: from.x + dx * share, y: from.y + dy * share };
}

const rounded = (value: number): string => String(Math.round(value * 10) / 10);

function boxOf(model: Model, wanted: string): Box {
  const found = model.boxes.find((box) => box.title === wanted);
  if (found === undefined) throw new Error(`No box is named ${wanted}.`);
  return found;
}

/** Arrows that jump over boxes of their row are bent around them, below. */
function pathOf(from: Box, to: Box): string {
  const isFar = from.at[1] === to.at[1] && Math.abs(from.at[0] - to.at[0]) > 1;
  if (isFar) {
    const side = height / 2 + 3;
    const [a, b] = [centre(from), centre(to)];
    const deep = a.y + side + 34;
    return `M${rounded(a.x)} ${rounded(a.y + side)}C${rounded(a.x)} ${rounded(deep)} ${rounded(b.x)} ${rounded(deep)} ${rounded(b.x)} ${rounded(b.y + side)}`;
  }
  const [a, b] = [edgeOf(from, centre(to)), edgeOf(to, centre(from))];
  return `M${rounded(a.x)} ${rounded(a.y)}L${rounded(b.x)} ${rounded(b.y)}`;
}

/** The diagram as a picture, on white whatever the page is. */
export function svgOf(model: Model): string {
  const size = sizeOf(model);
  const arrows = model.arrows.map(([a, b]) => {
    const [from, to] = [boxOf(model, a), boxOf(model, b)];
    const [, line] = coloursOf(from);
    return `  <path d="${pathOf(from, to)}" fill="none" stroke="${line}" stroke-opacity=".6" stroke-width="1.6" marker-end="url(#tip)"/>`;
  });
  const boxes = model.boxes.flatMap((box) => {
    const { x, y } = corner(box);
    const [fill, line] = coloursOf(box);
    const dashes = box.isOption ? ' stroke-dasharray="6 4"' : '';
    const middle = rounded(x + width / 2);
    return [
      `  <rect x="${x}" y="${y}" width="${width}" height="${height}" rx="9" fill="${fill}" stroke="${line}" stroke-width="1.6"${dashes}/>`,
      `  <text x="${middle}" y="${y + 27}" font-size="14" font-weight="600">${escaped(box.title)}</text>`,
      `  <text x="${middle}" y="${y + 46}" font-size="12" fill="#444">${escaped(detailOf(box))}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif" text-anchor="middle" fill="#111" role="img" aria-label="${title}">`,
    `  <marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#555"/></marker>`,
    `  <rect width="${size.width}" height="${size.height}" fill="#fff"/>`,
    `  <text x="${margin}" y="${margin + 16}" font-size="20" font-weight="700" text-anchor="start">${title}</text>`,
    ...arrows,
    ...boxes,
    `  <text x="${margin}" y="${size.height - 14}" font-size="12" fill="#444" text-anchor="start">${escaped(key)}</text>`,
    '</svg>\n',
  ].join('\n');
}

/** The diagram as a file of draw.io, for whoever goes on drawing. */
export function drawioOf(model: Model): string {
  const idOf = (wanted: string): string => `box-${model.boxes.findIndex((box) => box.title === wanted)}`;
  const boxes = model.boxes.map((box) => {
    const { x, y } = corner(box);
    const [fill, line] = coloursOf(box);
    const style = `rounded=1;html=1;whiteSpace=wrap;fillColor=${fill};strokeColor=${line};fontColor=#111111;dashed=${box.isOption ? 1 : 0};`;
    const label = escaped(`<b>${box.title}</b><br>${detailOf(box)}`);
    return `        <mxCell id="${idOf(box.title)}" value="${label}" style="${style}" vertex="1" parent="1"><mxGeometry x="${x}" y="${y}" width="${width}" height="${height}" as="geometry"/></mxCell>`;
  });
  const arrows = model.arrows.map(([from, to], index) => {
    const [, line] = coloursOf(boxOf(model, from));
    return `        <mxCell id="arrow-${index}" style="endArrow=block;html=1;rounded=1;strokeColor=${line};" edge="1" parent="1" source="${idOf(from)}" target="${idOf(to)}"><mxGeometry relative="1" as="geometry"/></mxCell>`;
  });
  return [
    '<mxfile>',
    `  <diagram name="${title}">`,
    '    <mxGraphModel grid="1" page="1">',
    '      <root>',
    '        <mxCell id="0"/>',
    '        <mxCell id="1" parent="0"/>',
    ...boxes,
    ...arrows,
    '      </root>',
    '    </mxGraphModel>',
    '  </diagram>',
    '</mxfile>\n',
  ].join('\n');
}
