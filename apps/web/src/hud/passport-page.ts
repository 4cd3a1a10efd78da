// The customs report: a page of the passport with a line and a stamp for everything that was looked at.
import type { Item, Manifest, Ruling } from "@sojourn/protocol";
import { button, element } from "../page/element.ts";
import { WORDS } from "../page/strings.ts";
import { type Dialog, showDialog } from "./dialog.ts";
import { iconOf, type PictureShelf } from "./icons.ts";
import { factsOf, kindOf } from "./inventory.ts";

export interface Report {
  readonly world: string;
  readonly holder: string;
  readonly rulings: readonly Ruling[];
  readonly at: Date;
}

export function showReport(host: HTMLElement, report: Report, manifest: Manifest | undefined, shelf: PictureShelf): Dialog {
  const { customs } = WORDS;
  const refused = report.rulings.some(({ verdict }) => verdict === "refuse");
  const stamp = element("div", {
    class: "seal",
    text: refused ? customs.stampMixed : customs.stamp,
    attributes: { "aria-hidden": "true" },
  });
  stamp.append(element("small", { text: `${report.world} · ${report.at.toLocaleDateString()}` }));
  const close = button(customs.close, () => dialog.close(), { class: "main", testId: "report-close", attributes: { "data-first": "" } });
  const dialog: Dialog = showDialog(
    host,
    { class: "passport", testId: "customs-report", label: customs.heading },
    element("h2", { text: customs.heading }),
    element(
      "p",
      { class: "entry", text: customs.arrivedIn(report.world) },
      element("span", { text: `${customs.holder}: ${report.holder}` }),
    ),
    stamp,
    ...(refused ? [element("p", { class: "note", text: customs.refusedNote })] : []),
    report.rulings.length === 0 ? element("p", { text: customs.none }) : rulingTable(report.rulings, manifest, shelf),
    element("div", { class: "buttons" }, close),
  );
  return dialog;
}

/** Like rulings on like things are one line. */
function grouped(rulings: readonly Ruling[]): { ruling: Ruling; count: number }[] {
  const lines = new Map<string, { ruling: Ruling; count: number }>();
  for (const ruling of rulings) {
    const key = JSON.stringify([ruling.kind, ruling.verdict, ruling.reason]);
    const line = lines.get(key);
    if (line === undefined) lines.set(key, { ruling, count: 1 });
    else line.count++;
  }
  return [...lines.values()];
}

function rulingTable(rulings: readonly Ruling[], manifest: Manifest | undefined, shelf: PictureShelf): HTMLElement {
  const { customs } = WORDS;
  const heading = (text: string): HTMLElement => element("th", { text, attributes: { scope: "col" } });
  const rows = grouped(rulings).map(({ ruling, count }) => {
    const info = kindOf(manifest, ruling.kind);
    const body = ruling.item === "body";
    const title = body ? customs.body : count > 1 ? `${info.title} ×${count}` : info.title;
    const verdict = element("span", { class: "verdict", text: customs.verdict[ruling.verdict] });
    verdict.dataset.verdict = ruling.verdict;
    const thing = element("span", { class: "thing" }, body ? undefined : iconOf(shelf, info.sprite), title);
    const row = element(
      "tr",
      { testId: "ruling" },
      element("td", {}, thing),
      element("td", {}, verdict),
      element("td", { class: "reason", text: ruling.reason }),
    );
    row.dataset.verdict = ruling.verdict;
    row.dataset.kind = ruling.kind;
    return row;
  });
  const head = element("thead", {}, element("tr", {}, heading(customs.item), heading(customs.ruling), heading(customs.reason)));
  return element("table", {}, head, element("tbody", {}, ...rows));
}

/** What waits at home. */
export function showLocker(
  host: HTMLElement,
  world: string,
  items: readonly Item[],
  manifest: Manifest | undefined,
  shelf: PictureShelf,
): Dialog {
  const { locker } = WORDS;
  const things = items.map((item) => {
    const info = kindOf(manifest, item.kind);
    const facts = factsOf(item);
    return element(
      "li",
      { testId: `locker-${item.kind}` },
      iconOf(shelf, info.sprite),
      element("span", { text: info.title }),
      element("span", { text: facts }),
    );
  });
  const close = button(WORDS.close, () => dialog.close(), { class: "main", attributes: { "data-first": "" } });
  const dialog: Dialog = showDialog(
    host,
    { testId: "locker", label: locker.heading(world) },
    element("h2", { text: locker.heading(world) }),
    element("p", { text: items.length === 0 ? locker.empty : locker.text }),
    element("ul", { class: "things" }, ...things),
    element("div", { class: "buttons" }, close),
  );
  return dialog;
}
