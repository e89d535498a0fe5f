import { expect, test } from "vitest";
import { present, whole, type Look, type Verdict } from "./quality";

/** A talk of so many seconds at 50 packets a second; `change` spoils a second of it. */
function talk(seconds: number, change: (look: Look, second: number) => Partial<Look> = () => ({})): Look[] {
  return Array.from({ length: seconds + 1 }, (_, second) => {
    const look = { at: second * 1_000, received: second * 50, lost: 0, sent: second * 50, jitter: 0.004, roundTrip: 0.02, reached: true };
    return { ...look, ...change(look, second) };
  });
}
const word = (looks: Look[]): Verdict | undefined => present(looks)?.verdict;

test("nothing is said before the first look", () => expect(present([])).toBeNull());

test("a good line is good", () => expect(word(talk(10))).toBe("good"));

test.each([
  [0.005, "good"],
  [0.03, "fair"],
  [0.2, "bad"],
] as const)("a loss of %d is %s", (loss, expected) => {
  expect(word(talk(10, (look) => ({ lost: Math.round(look.received * loss) })))).toBe(expected);
});

test.each([
  [{ jitter: 0.05 }, "fair"],
  [{ jitter: 0.2 }, "bad"],
  [{ roundTrip: 0.4 }, "fair"],
  [{ roundTrip: 0.9 }, "bad"],
  [{ roundTrip: null }, "good"],
] as const)("%o is %s", (change, expected) => expect(word(talk(10, () => change))).toBe(expected));

test("an old loss is forgotten: it is said how the line is now", () => {
  expect(word(talk(20, (_, second) => ({ lost: second < 5 ? second * 20 : 100 })))).toBe("good");
});

const deaf = (at: number) => (_: Look, second: number) => ({ received: Math.min(second, at) * 50 });

test("nothing comes in from the begin: said after four seconds", () => {
  expect(word(talk(3, deaf(0)))).toBe("good");
  expect(word(talk(4, deaf(0)))).toBe("caller_unheard");
  expect(word(talk(4, () => ({ received: 0, sent: 0 })))).toBe("good");
});

test("nothing comes in any more, and the far end answers no more", () => {
  const cut = (look: Look, second: number): Partial<Look> => ({ ...deaf(5)(look, second), reached: second < 7 });
  expect(word(talk(9, cut))).toBe("caller_unheard");
});

test("a caller who is silent at a gateway that sends nothing then is no fault of the line", () => {
  expect(word(talk(20, deaf(5)))).toBe("good");
});

test("what we send does not arrive: the far end does not answer any more", () => {
  expect(word(talk(9, (_, second) => ({ reached: second < 5 })))).toBe("operator_unheard");
});

test("a talk gets the word of what lasted", () => {
  const looks = talk(10, () => ({ lost: 0 }));
  const verdicts = (...some: [Verdict, number][]): Verdict[] => some.flatMap(([each, n]) => Array<Verdict>(n).fill(each));
  expect(whole(looks, verdicts(["good", 10]))).toEqual({ seconds: 10, loss: 0, jitter: expect.closeTo(0.004), roundTrip: expect.closeTo(0.02), verdict: "good" });
  expect(whole(looks, verdicts(["good", 19], ["bad", 2]))?.verdict).toBe("good");
  expect(whole(looks, verdicts(["good", 10], ["bad", 3]))?.verdict).toBe("bad");
  expect(whole(looks, verdicts(["good", 10], ["bad", 1], ["fair", 3]))?.verdict).toBe("fair");
  expect(whole(looks, verdicts(["good", 100], ["caller_unheard", 3]))?.verdict).toBe("caller_unheard");
});

test("two seconds say nothing of a talk", () => expect(whole(talk(1), ["good"])).toBeNull());
