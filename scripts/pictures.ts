// Social pictures: one for each note, drawn from its title and summary in the site's own colours.

import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import sharp from 'sharp';

const WIDTH = 1200;
const HEIGHT = 630;
/** Characters that fit on a line of the title and of the summary. */
const TITLE_LINE = 22;
const SUMMARY_LINE = 62;

/** Draws the picture of every note into `dist/pictures/`. */
export async function drawPictures(dist: string): Promise<void> {
  for (const file of globSync('content/**/*.mdx').sort()) {
    const text = readFileSync(file, 'utf8');
    const matter = load(/^---\n([\s\S]*?)\n---/.exec(text)?.[1] ?? '') as {
      title: string;
      summary: string;
    };
    const id = file.replace(/^content\//, '').replace(/(\/index)?\.mdx$/, '');
    const target = join(dist, 'pictures', `${id}.png`);
    mkdirSync(dirname(target), { recursive: true });
    await sharp(Buffer.from(picture(matter.title, matter.summary)))
      .png({ palette: true })
      .toFile(target);
  }
}

function picture(title: string, summary: string): string {
  const titleLines = wrapped(title, TITLE_LINE).slice(0, 3);
  const below = 230 + titleLines.length * 84;
  const summaryLines = wrapped(summary, SUMMARY_LINE).slice(0, 4);
  const ticks = Array.from({ length: 21 }, (_, i) => {
    const length = i % 5 === 0 ? 44 : 22;
    return `<rect x="0" y="${i * 30 + 14}" width="${length}" height="2" fill="#90a2a9"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <rect width="${WIDTH}" height="${HEIGHT}" fill="#f5f6f2"/>
    <rect y="520" width="${WIDTH}" height="110" fill="#e3ecf1"/>
    <rect y="516" width="${WIDTH}" height="5" fill="#a93618"/>
    ${ticks.join('')}
    <g font-family="DejaVu Sans, Liberation Sans, sans-serif">
      <text x="96" y="118" font-size="34" font-weight="bold" fill="#a93618">Drydock</text>
      ${lines(titleLines, 230, 84, 'font-size="68" font-weight="bold" fill="#15242e"')}
      ${lines(summaryLines, below, 40, 'font-size="28" fill="#465761"')}
      <text x="96" y="586" font-size="26" fill="#1b567f">Every command runs, in the page.</text>
    </g>
  </svg>`;
}

function lines(texts: readonly string[], from: number, step: number, style: string): string {
  return texts
    .map((text, i) => `<text x="96" y="${from + i * step}" ${style}>${escaped(text)}</text>`)
    .join('');
}

function wrapped(text: string, width: number): string[] {
  const out: string[] = [''];
  for (const word of text.split(' ')) {
    const last = out.length - 1;
    const longer = `${out[last]} ${word}`.trim();
    if (longer.length <= width || out[last] === '') out[last] = longer;
    else out.push(word);
  }
  return out;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
