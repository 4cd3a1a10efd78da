// Who hears of what. A listener's own error is its author's: it surfaces as an uncaught one and stops nothing here.
import type { VisitorEvents } from "./visitor.ts";

type Listener<E extends keyof VisitorEvents> = (value: VisitorEvents[E]) => void;

export class Listeners {
  private readonly byEvent = new Map<keyof VisitorEvents, Set<Listener<keyof VisitorEvents>>>();

  on<E extends keyof VisitorEvents>(event: E, listener: Listener<E>): () => void {
    const heard = this.byEvent.get(event) ?? new Set();
    this.byEvent.set(event, heard);
    const one = listener as Listener<keyof VisitorEvents>;
    heard.add(one);
    return () => {
      heard.delete(one);
    };
  }

  tell<E extends keyof VisitorEvents>(event: E, value: VisitorEvents[E]): void {
    for (const listener of [...(this.byEvent.get(event) ?? [])]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  clear(): void {
    this.byEvent.clear();
  }
}
