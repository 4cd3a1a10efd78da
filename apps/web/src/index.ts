// The door of the browser client for those who serve it. What runs in the browser begins in main.ts.
export { type BuildOptions, buildWeb } from "./build.ts";
export type { PageHandle } from "./page/handle.ts";
