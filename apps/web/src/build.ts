// Bundles the browser client: a few files that a world serves at its own address. Nothing in them points anywhere else.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { UI } from "./art/atlas.ts";
import { slimThree } from "./slim-three.ts";
import { cutSprites } from "./sprites.ts";

export interface BuildOptions {
  readonly minify?: boolean;
}

/** The browsers this is built for; all of them have WebGL 2, createImageBitmap with options and CSS nesting is not used. */
const BROWSERS = ["chrome109", "firefox115", "safari16.4"];

/**
 * Builds the client in memory, in well under a second.
 * @returns file name → bytes: index.html, main.js and its parts part-*.js, style.css, icon.svg, avatars.png, ui.png and its parts ui-*.png. The page asks its own server for worlds.json besides.
 * @throws Error with esbuild's message when a source does not compile.
 */
export async function buildWeb(options: BuildOptions = {}): Promise<Map<string, Uint8Array>> {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const result = await build({
    absWorkingDir: here,
    entryPoints: { main: "main.ts", style: "style/main.css" },
    outdir: "out",
    bundle: true,
    // What is only needed now and then is a file of its own, asked for then.
    splitting: true,
    metafile: true,
    chunkNames: "part-[hash]",
    write: false,
    format: "esm",
    platform: "browser",
    target: BROWSERS,
    minify: options.minify ?? true,
    external: ["*.png"],
    plugins: [slimThree()],
    legalComments: "none",
    logLevel: "silent",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const files = new Map<string, Uint8Array>();
  for (const { path, contents } of result.outputFiles) files.set(path.slice(path.lastIndexOf("/") + 1), contents);
  for (const path of ["page/index.html", "page/icon.svg", "art/avatars.png", "art/ui.png"]) {
    files.set(path.slice(path.lastIndexOf("/") + 1), await readFile(new URL(path, import.meta.url)));
  }
  const html = Buffer.from(files.get("index.html") ?? []).toString("utf8");
  files.set("index.html", Buffer.from(html.replace("</head>", `${preloads(result.metafile)}</head>`)));
  const sheet = files.get("ui.png");
  if (sheet !== undefined) for (const [name, bytes] of cutSprites(sheet, UI)) files.set(`ui-${name}.png`, bytes);
  return files;
}

/** What the page's script begins with is asked for beside it, and not only once it has come. */
function preloads({ outputs }: Metafile): string {
  const main = Object.entries(outputs).find(([path]) => path.endsWith("main.js"))?.[1];
  const parts = main?.imports.filter(({ kind }) => kind === "import-statement") ?? [];
  return parts.map(({ path }) => `<link rel="modulepreload" href="${path.slice(path.lastIndexOf("/") + 1)}">`).join("");
}
