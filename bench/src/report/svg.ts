/** svg.ts: sections as a picture: a group of bars for each measure, longest first in nothing but the eye. Plain SVG, no library. */
import { median, type MeasureName, measures, type Section } from './measures.js';

const [width, labels, numbers, bar, gap, head] = [820, 250, 70, 16, 6, 30];

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const text = (x: number, y: number, content: string, more = '') =>
  `<text x="${x}" y="${y}" ${more}>${escaped(content)}</text>`;

interface Drawn {
  height: number;
  body: string;
}

function drawMeasure(section: Section, measure: MeasureName, top: number): Drawn {
  const values = section.rows.flatMap((row) => {
    const value = median(row, measure);
    return value === undefined ? [] : [{ name: row.name, value }];
  });
  if (values.length === 0) return { height: 0, body: '' };
  const most = Math.max(...values.map((it) => it.value), Number.MIN_VALUE);
  const { label, digits } = measures[measure];
  const bars = values.map(({ name, value }, index) => {
    const y = top + head + index * (bar + gap);
    const length = Math.max(1, ((width - labels - numbers) * value) / most);
    const fill = name.startsWith('tgsync') ? '#2a7ab0' : '#a9b4bd';
    return [
      text(labels - 8, y + bar - 4, name, 'text-anchor="end"'),
      `<rect x="${labels}" y="${y}" width="${length.toFixed(1)}" height="${bar}" fill="${fill}"/>`,
      text(labels + length + 6, y + bar - 4, value.toFixed(digits)),
    ].join('');
  });
  const title = text(0, top + 18, `${section.title}: ${label}`, 'font-weight="bold"');
  return { height: head + values.length * (bar + gap) + 12, body: title + bars.join('\n') };
}

export function svgOf(sections: readonly Section[]): string {
  let top = 8;
  const body: string[] = [];
  for (const section of sections) {
    for (const measure of section.bars) {
      const drawn = drawMeasure(section, measure, top);
      top += drawn.height;
      body.push(drawn.body);
    }
  }
  const style = 'font-family="sans-serif" font-size="13" fill="#222"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 ${width + 16} ${top}" ${style}>
<rect x="-8" width="${width + 16}" height="${top}" fill="#fff"/>
${body.join('\n')}
</svg>
`;
}
