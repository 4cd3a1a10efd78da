// Looks at something of the operator's again and again: one look at a time, and a problem is told once until it is another or gone.

/** `look` is not begun while the one before goes on. @returns stops looking; a look under way ends by itself. */
export function lookAgain(everyMs: number, look: () => Promise<void>, report: (problem: string) => void): () => void {
  let isLooking = false;
  let lastProblem = "";
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      await look();
      lastProblem = "";
    } catch (problem) {
      const words = problem instanceof Error ? problem.message : String(problem);
      if (words !== lastProblem) report(words);
      lastProblem = words;
    } finally {
      isLooking = false;
    }
  }, everyMs);
  return () => clearInterval(timer);
}
