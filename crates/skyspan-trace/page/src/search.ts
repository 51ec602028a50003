// Spans by words: `stage`, `name=wait`, `device=cam target=5`, `error`, `>1s`.

import type { Trace } from "./data";

const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 };

type Test = (span: number) => boolean;

/** The spans that all words find; nothing where there is no word. */
export function search(trace: Trace, text: string): Set<number> | null {
  const words = [...text.matchAll(/[^\s"=]*="(?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)*"|\S+/g)].map(([word]) => word);
  if (!words.length) return null;
  const tests = words.map((word) => testOf(trace, word));
  const found = new Set<number>();
  for (let span = 0; span < trace.count; span++) if (tests.every((test) => test(span))) found.add(span);
  return found;
}

function testOf(trace: Trace, word: string): Test {
  const longer = /^([<>])=?(\d+(?:\.\d+)?)(ns|us|µs|ms|s|min|h)$/.exec(word);
  if (longer) {
    const limit = Number(longer[2]) * UNITS[longer[3]];
    return longer[1] === ">"
      ? (span) => trace.duration(span) > limit
      : (span) => trace.duration(span) < limit;
  }
  if (word === "error") return (span) => trace.faults.has(span) || trace.notes.has(span);
  if (word === "open") return (span) => trace.open[span] === 1;
  const pair = /^([^="]+)=(.*)$/s.exec(word);
  if (pair) {
    const key = pair[1].toLowerCase();
    const wanted = plain(pair[2]);
    if (key === "name") return byNumber(trace.head.names, wanted, (span) => trace.nameNumber(span));
    if (key === "device") return byNumber(trace.head.devices, wanted, (span) => trace.device[span]);
    if (key === "service") return byNumber(trace.head.services, wanted, (span) => trace.service[span]);
    const found = trace.withText((of, text) => of.toLowerCase() === key && matches(text, wanted));
    return (span) => found.has(span);
  }
  const wanted = plain(word);
  const texts = (list: string[]) => list.map((text) => matches(text, wanted));
  const [names, devices, services] = [trace.head.names, trace.head.devices, trace.head.services].map(texts);
  const found = trace.withText((key, text) => matches(text, wanted) || matches(key, wanted));
  return (span) =>
    names[trace.nameNumber(span)] ||
    (devices[trace.device[span]] ?? false) ||
    (services[trace.service[span]] ?? false) ||
    found.has(span) ||
    matches(trace.faults.get(span) ?? "", wanted);
}

function byNumber(list: string[], wanted: Wanted, numberOf: (span: number) => number): Test {
  const is = list.map((text) => matches(text, wanted));
  return (span) => is[numberOf(span)] ?? false;
}

interface Wanted {
  text: string;
  /** Whether it stood in quotes: then it is the whole, and capitals count. */
  isWhole: boolean;
}

function plain(word: string): Wanted {
  const isQuoted = word.length > 1 && word.startsWith('"') && word.endsWith('"');
  if (!isQuoted) return { text: word.toLowerCase(), isWhole: false };
  try {
    return { text: JSON.parse(word) as string, isWhole: true };
  } catch {
    return { text: word.slice(1, -1), isWhole: true };
  }
}

function matches(text: string, { text: wanted, isWhole }: Wanted): boolean {
  if (!isWhole) return text.toLowerCase().includes(wanted);
  return text === wanted || text === JSON.stringify(wanted);
}
