import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const css = await Deno.readTextFile(new URL("../../aggregator/console/console.css", import.meta.url));
const [light, dark] = [...css.matchAll(/:root \{([^}]+)\}/g)].map(([, body]) => {
  return Object.fromEntries(
    [...body!.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name!, value!]),
  );
});

/** WCAG 2.2's contrast ratio of two colours. */
function contrast(a: string, b: string): number {
  const [lighter, darker] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const value = parseInt(colour.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const TEXT = ["ink", "quiet", "ok", "warn", "bad"];
/** Of drawings, and of the rims of fields and buttons. */
const DRAWN = ["ok", "ground", "warn", "bad", "edge"];

for (const [name, colours] of [["light", light!], ["dark", { ...light!, ...dark! }]] as const) {
  describe(`the colours of the ${name} page`, () => {
    const ratios = (names: string[], least: number) =>
      names.flatMap((name) =>
        ["paper", "panel"].flatMap((ground) => {
          const ratio = contrast(colours[name]!, colours[ground]!);
          return ratio >= least ? [] : [`${name} on ${ground}: ${ratio.toFixed(2)}`];
        })
      );

    it("keep text at 4.5:1 and drawings at 3:1, on the map and on panels", () => {
      assertEquals([ratios(TEXT, 4.5), ratios(DRAWN, 3)], [[], []]);
    });

    it("keep banners legible", () => {
      const plates = [["on-bad", "bad"], ["ink", "warn-plate"]] as const;
      assertEquals(plates.filter(([text, plate]) => contrast(colours[text]!, colours[plate]!) < 4.5), []);
    });
  });
}
