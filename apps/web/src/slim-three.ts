// Leaves out of the bundle what this page never reaches in three: its own materials' shaders, headset views, shadows, reflections,
// post-processing. Our materials are raw shaders, so nothing looks for them. Saves a sixth of the page; build.test.ts checks that every
// part named here is still where it was, so that a new version of three cannot bring it all back unnoticed.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** File of three's `src/renderers` → what stands in for it. */
const STAND_INS: { readonly [path: string]: string } = {
  "shaders/ShaderChunk.js": "export const ShaderChunk = {};",
  "webgl/WebGLEnvironments.js": "export function WebGLEnvironments() { return { get: () => null, dispose() {} }; }",
  "webgl/WebGLShadowMap.js":
    "export function WebGLShadowMap() { return { enabled: false, autoUpdate: true, needsUpdate: false, type: 1, render() {} }; }",
  "webgl/WebGLOutput.js": "export class WebGLOutput {}",
  "webxr/WebXRManager.js":
    'import { EventDispatcher } from "../../core/EventDispatcher.js";' +
    "export class WebXRManager extends EventDispatcher {" +
    "  enabled = false; isPresenting = false; setAnimationLoop() {} dispose() {} hasDepthSensing() { return false; } getEnvironmentBlendMode() {} }",
};

/** What the plugin found and replaced, by path; filled while a bundle is built. */
export function slimThree(replaced: Set<string> = new Set()): Plugin {
  const entry = fileURLToPath(new URL("../src/Three.js", import.meta.resolve("three")));
  return {
    name: "slim-three",
    setup(build) {
      build.onResolve({ filter: /^three$/ }, () => ({ path: entry, sideEffects: false }));
      build.onLoad({ filter: /[\\/]three[\\/]src[\\/]renderers[\\/]/ }, async ({ path }) => {
        const name = path.replaceAll("\\", "/").replace(/^.*\/src\/renderers\//, "");
        const standIn = STAND_INS[name];
        if (standIn !== undefined) replaced.add(name);
        return { contents: standIn ?? (await readFile(path, "utf8")), loader: "js" };
      });
    },
  };
}

export const REPLACED_PARTS: readonly string[] = Object.keys(STAND_INS);

/** Bundles three alone and tells which parts were found and replaced, sorted. */
export async function replacedParts(): Promise<string[]> {
  const replaced = new Set<string>();
  await build({
    stdin: { contents: 'export * from "three";' },
    bundle: true,
    write: false,
    format: "esm",
    plugins: [slimThree(replaced)],
    logLevel: "silent",
  });
  return [...replaced].sort();
}
