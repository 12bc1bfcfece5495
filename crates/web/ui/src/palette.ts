// A code is told by colour, pattern and its name together, never by colour alone.

/** Dark enough for white text and for 3:1 against white; the stylesheet holds the same eight as `.hb-swatch--n`. */
export const COLOURS = ["#8a3b12", "#1f5c5c", "#5b3a86", "#1d5fa8", "#8c1d4f", "#3f6212", "#7a5c00", "#44546a"] as const;

export type Pattern = "rising" | "falling" | "dots" | "upright" | "level" | "cross" | "wide" | "plain";
const PATTERNS: readonly Pattern[] = ["rising", "falling", "dots", "upright", "level", "cross", "wide", "plain"];

export function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? COLOURS[0];
}

/** A canvas fill: a pale wash of the colour with its pattern in the full colour. */
export function fillOf(context: CanvasRenderingContext2D, index: number): CanvasPattern | string {
  const colour = colourOf(index);
  const tile = document.createElement("canvas");
  tile.width = 8;
  tile.height = 8;
  const pen = tile.getContext("2d");
  if (!pen) return colour;
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, 8, 8);
  pen.globalAlpha = 0.22;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 8, 8);
  pen.globalAlpha = 0.55;
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  drawTile(pen, PATTERNS[index % PATTERNS.length] ?? "plain");
  return context.createPattern(tile, "repeat") ?? colour;
}

function drawTile(pen: CanvasRenderingContext2D, pattern: Pattern): void {
  const line = (x1: number, y1: number, x2: number, y2: number): void => {
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  };
  if (pattern === "rising" || pattern === "cross") for (const at of [-8, 0, 8]) line(at, 8, at + 8, 0);
  if (pattern === "falling" || pattern === "cross") for (const at of [-8, 0, 8]) line(at, 0, at + 8, 8);
  if (pattern === "upright") line(4.5, 0, 4.5, 8);
  if (pattern === "level") line(0, 4.5, 8, 4.5);
  if (pattern === "wide") {
    pen.lineWidth = 3;
    line(4, 0, 4, 8);
  }
  if (pattern === "dots") {
    pen.fillRect(1, 1, 2, 2);
    pen.fillRect(5, 5, 2, 2);
  }
}
