// How busy this process is: the share of time in which its loop did anything but wait. It counts what no tick sees: reading sockets,
// collecting garbage, answering requests.
import { performance } from "node:perf_hooks";

/** A meter: each call gives the busy share, 0 to 1, of the time since the call before. */
export function loopLoad(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
