import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Searching, type Hit } from "./searching";

const hit = (title: string): Hit => ({
  answer: 1,
  version: 1,
  title,
  excerpt: "",
  out_of_date: false,
  review_by_th: "",
  unit_name: "",
  uses: 0,
});
let asked: string[];
let shown: (string[] | null)[];
let waits: Map<string, (found: Hit[]) => void>;
let failed: unknown[];

function searching(): Searching {
  return new Searching(
    (text, typing) => {
      asked.push(typing ? `${text}…` : text);
      return new Promise((answer) => waits.set(text, (answers) => answer({ answers, missed: false })));
    },
    (found) => shown.push(found?.answers.map(({ title }) => title) ?? null),
    (error) => failed.push(error),
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  [asked, shown, failed, waits] = [[], [], [], new Map()];
});
afterEach(() => void vi.useRealTimers());

test("an answer to earlier letters is not shown over a later one", async () => {
  const search = searching();
  search.typed("วัค");
  await vi.advanceTimersByTimeAsync(250);
  search.typed("วัคซีน");
  await vi.advanceTimersByTimeAsync(250);
  waits.get("วัคซีน")!([hit("later")]);
  await vi.advanceTimersByTimeAsync(0);
  waits.get("วัค")!([hit("earlier")]);
  await vi.advanceTimersByTimeAsync(0);
  expect(shown).toEqual([["later"]]);
});

test("it is counted once, when somebody stays with it", async () => {
  const search = searching();
  search.typed("วัค");
  search.typed("วัคซีน ");
  await vi.advanceTimersByTimeAsync(10_000);
  void search.settle();
  expect(asked).toEqual(["วัคซีน…", "วัคซีน"]);
  search.typed("ที่ดิน");
  void search.settle(); // Enter waits for nothing
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toEqual(["วัคซีน…", "วัคซีน", "ที่ดิน"]);
});

test("what the service did not answer is counted when it is asked for again", async () => {
  const failing = vi.fn().mockRejectedValueOnce(new Error("away")).mockResolvedValue({ answers: [], missed: true });
  const search = new Searching(failing, () => undefined, (error) => failed.push(error));
  search.typed("ที่ดิน");
  await search.settle();
  await search.settle();
  expect([failing.mock.calls.length, failed.length]).toEqual([2, 1]);
});

test("nothing is looked for when the box is emptied", async () => {
  const search = searching();
  search.typed("วัค");
  search.typed(" ");
  await vi.advanceTimersByTimeAsync(10_000);
  expect([asked, shown]).toEqual([[], [null]]);
});
