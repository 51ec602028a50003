// The colours of the page, as the style has them, and those of devices.

const HUES = [255, 160, 85, 310, 205, 125, 335, 60, 280, 185, 105, 235];

export interface Palette {
  ink: string;
  faint: string;
  line: string;
  ground: string;
  raised: string;
  accent: string;
  fault: string;
  section: string;
  path: string;
  band: string;
  isDark: boolean;
}

let known: Palette | undefined;

export function palette(): Palette {
  if (!known) {
    const style = getComputedStyle(document.documentElement);
    const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
    known = {
      ink: of("ink"),
      faint: of("faint"),
      line: of("line"),
      ground: of("ground"),
      raised: of("raised"),
      accent: of("accent"),
      fault: of("fault"),
      section: of("section"),
      path: of("path"),
      band: of("band"),
      isDark: of("dark") === "1",
    };
    fills.clear();
  }
  return known;
}

/** Is asked again after light has turned to dark. */
export function forgetPalette(): void {
  known = undefined;
}

const fills = new Map<number, string>();

/** The colour of the device or service of a number; a quiet grey for none. */
export function fill(number: number): string {
  if (number < 0) return palette().section;
  let colour = fills.get(number);
  if (!colour) {
    const hue = HUES[number % HUES.length];
    // Further rounds of the hues are a little paler.
    const round = Math.min(2, Math.floor(number / HUES.length));
    const [lightness, chroma] = palette().isDark ? [0.56 - 0.06 * round, 0.1] : [0.8 + 0.05 * round, 0.085];
    colour = `oklch(${lightness} ${chroma - 0.02 * round} ${hue})`;
    fills.set(number, colour);
  }
  return colour;
}
