// The Node door of the substrate room: what needs files and zlib.

export { folderReplica } from "./replicas/folder.ts";
export { type FolderHeadsOptions, folderHeads } from "./replicas/folder-heads.ts";
export { type DirectoryStoreOptions, directoryStore } from "./stores/directory.ts";
export type { Block, BlockStore } from "./stores/port.ts";
export { type PackedMap, type PackOptions, packTiled } from "./tiled/pack.ts";
export { type UnpackedFile, type UnpackedMap, unpackTiled } from "./tiled/unpack.ts";
