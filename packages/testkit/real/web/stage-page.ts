// Runs in the browser: draws one version whole, one device pixel to the texel, and gives the picture back as a PNG.
import { httpStore, openVersion } from "@sojourn/substrate";
import { Stage } from "@sojourn/web/stage";

declare global {
  interface Window {
    drawWhole(root: string, zoom: number): Promise<string>;
  }
}

window.drawWhole = async (root, zoom) => {
  const view = await openVersion(root, httpStore(location.origin));
  if (!view.ok) throw new Error(view.fault.detail);
  const loaded = await view.value.loadAll();
  if (!loaded.ok) throw new Error(loaded.fault.detail);
  const { bounds, tileSize } = view.value.version;
  const canvas = document.createElement("canvas");
  document.body.append(canvas);
  const stage = new Stage(canvas);
  stage.fixedZoom = zoom;
  stage.resize((bounds.x1 - bounds.x0) * tileSize.w * zoom, (bounds.y1 - bounds.y0) * tileSize.h * zoom);
  const failed = await stage.show(view.value);
  if (failed.length > 0) throw new Error(`pictures not shown: ${failed.join(", ")}`);
  const centre = { x: ((bounds.x0 + bounds.x1) / 2) * tileSize.w, y: ((bounds.y0 + bounds.y1) / 2) * tileSize.h };
  stage.render({ timeMs: 0, centre, sprites: [], glows: [], lights: [], ghost: 0 });
  return canvas.toDataURL("image/png");
};
