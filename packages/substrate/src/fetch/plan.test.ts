import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FETCH } from "../limits.ts";
import { came, type FetchRequest, isOut, newPlan, nextRequests, sourceReports, type Trouble, want, went } from "./plan.ts";

/** What each source does with each of its requests, in order; afterwards it answers well. */
const behaviour = fc.array(fc.constantFrom<Trouble | "good">("good", "good", "good", "missing", "lied", "stalled", "failed"), {
  maxLength: 30,
});

describe("the plan of a fetch", () => {
  test("ends, within its limits, and gets everything when one source is honest", () => {
    fc.assert(
      fc.property(
        fc.array(behaviour, { maxLength: 4 }),
        fc.integer({ min: 1, max: 60 }),
        fc.infiniteStream(fc.nat()),
        (others, count, picks) => {
          const plan = newPlan([...others.map((_, i) => `other ${i}`), "honest"]);
          for (let i = 0; i < count; i++) want(plan, `block ${i}`);
          const inFlight: FetchRequest[] = [];
          const got = new Set<string>();
          const honest = others.length;
          let nowMs = 0;
          for (let steps = 0; got.size < count; steps++) {
            if (steps > 100 * count + 200) throw new Error("the plan does not end");
            const next = nextRequests(plan, nowMs);
            expect(next.lost).toEqual([]);
            inFlight.push(...next.requests);
            expect(inFlight.length).toBeLessThanOrEqual(FETCH.parallel);
            for (let i = 0; i < plan.sources.length; i++) {
              expect(inFlight.filter(({ source }) => source === i).length).toBeLessThanOrEqual(FETCH.parallelPerSource);
            }
            const [request] = inFlight.splice((picks.next().value ?? 0) % inFlight.length, 1);
            if (request === undefined) throw new Error("nothing is asked for");
            nowMs += 10;
            const act = request.source === honest ? "good" : (others[request.source]?.shift() ?? "good");
            if (act === "good") {
              const losers = came(plan, request, 100, nowMs);
              for (const loser of losers) inFlight.splice(inFlight.indexOf(loser), 1);
              expect(got.has(request.cid)).toBe(false);
              got.add(request.cid);
            } else went(plan, request, act, act);
          }
          const reports = sourceReports(plan);
          expect(reports[honest]?.left).toBeUndefined();
          expect(reports.reduce((sum, { blocks }) => sum + blocks, 0)).toBe(count);
        },
      ),
    );
  });

  test("a lie is never forgiven, a stall is once", () => {
    const plan = newPlan(["a", "b"]);
    for (let i = 0; i < 4; i++) want(plan, `block ${i}`);
    const { requests } = nextRequests(plan, 0);
    const [first, second, third, fourth] = requests as [FetchRequest, FetchRequest, FetchRequest, FetchRequest];
    expect(requests.map(({ source }) => source)).toEqual([0, 1, 0, 1]);
    went(plan, first, "lied", "wrong hash");
    went(plan, second, "stalled", "no answer");
    expect(sourceReports(plan).map(({ left }) => left)).toEqual(["gave wrong bytes (wrong hash)", undefined]);
    came(plan, third, 10, 5);
    came(plan, fourth, 10, 5);
    const again = nextRequests(plan, 10);
    expect(again.requests.map(({ source }) => source)).toEqual([1, 1]);
    for (const request of again.requests) went(plan, request, "stalled", "no answer");
    const end = nextRequests(plan, 20);
    expect(end.lost).toContainEqual({
      cid: expect.stringMatching(/block/),
      detail: expect.stringContaining("b was left: it stalled 2 times in a row"),
      wasLied: expect.any(Boolean),
    });
  });

  test("what is wanted most is asked for first", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 60 }), (ranks) => {
        const plan = newPlan(["only"], { parallel: 1, parallelPerSource: 1 });
        ranks.forEach((rank, i) => void want(plan, `block ${i}`, rank));
        const order: number[] = [];
        for (let i = 0; i < ranks.length; i++) {
          const [request] = nextRequests(plan, i).requests as [FetchRequest];
          order.push(ranks[Number(request.cid.slice(6))] as number);
          came(plan, request, 1, i);
        }
        expect(order).toEqual([...ranks].sort((a, b) => a - b));
      }),
    );
  });

  test("a request that is late is asked of one more source; the first answer counts, and who is always outrun is left", () => {
    const plan = newPlan(["slow", "quick"], { parallelPerSource: 1 });
    let nowMs = 0;
    for (let i = 0; i < FETCH.outrun; i++) {
      want(plan, `block ${i}`);
      const [first] = nextRequests(plan, nowMs).requests as [FetchRequest];
      if (first.source === 1) {
        came(plan, first, 1, nowMs + 5);
        i--;
        continue;
      }
      const { wakeMs, requests } = nextRequests(plan, nowMs);
      expect(requests).toEqual([]);
      expect(wakeMs).toBeGreaterThan(nowMs);
      nowMs = wakeMs as number;
      const [second] = nextRequests(plan, nowMs).requests as [FetchRequest];
      expect(second).toMatchObject({ cid: first.cid, source: 1 });
      expect(came(plan, second, 1, nowMs + 5)).toEqual([first]);
      expect([isOut(plan, first), isOut(plan, second)]).toEqual([false, false]);
      // As if its answer time were forgotten: it is tried again and again.
      (plan.sources[0] as { answerMs: number }).answerMs = 1;
    }
    expect(sourceReports(plan)[0]).toMatchObject({
      name: "slow",
      blocks: 0,
      left: expect.stringMatching(/stalled: others answered first/),
    });
    expect(plan.inFlight).toBe(0);
  });

  test("who answers quickly is given less time, what is long is given more, and nobody more than there is", () => {
    const plan = newPlan(["only"], { requestMs: 60_000 });
    const ask = (maxBytes?: number): FetchRequest => {
      want(plan, `block ${Math.random()}`, 0, maxBytes);
      return nextRequests(plan, 0).requests[0] as FetchRequest;
    };
    expect(ask().timeoutMs).toBe(60_000);
    for (let i = 0; i < 30; i++) came(plan, ask(), 1, 20);
    expect(ask().timeoutMs).toBe(FETCH.leastRequestMs);
    expect(ask(1_048_576).timeoutMs).toBe(FETCH.leastRequestMs * 17);
  });

  test("a quick source is asked more than a slow one", () => {
    const plan = newPlan(["slow", "quick"]);
    for (let i = 0; i < 200; i++) want(plan, `block ${i}`);
    const inFlight: { request: FetchRequest; doneMs: number }[] = [];
    let nowMs = 0;
    for (let done = 0; done < 200; done++) {
      for (const request of nextRequests(plan, nowMs).requests)
        inFlight.push({ request, doneMs: nowMs + (request.source === 0 ? 400 : 20) });
      inFlight.sort((a, b) => a.doneMs - b.doneMs);
      const { request, doneMs } = inFlight.shift() as { request: FetchRequest; doneMs: number };
      nowMs = doneMs;
      came(plan, request, 1, nowMs);
    }
    const [slow, quick] = sourceReports(plan);
    expect(quick?.blocks).toBeGreaterThan(4 * (slow?.blocks ?? 0));
  });
});
