import { describe, expect, it } from "vitest";
import { placed, theirs, type ParkedCall } from "./parked";

const call = (place: number, operator: string): ParkedCall => ({
  place,
  call: `c${place}`,
  line: "1567",
  operator,
  parked_seconds: 1,
  left_seconds: 119,
});

describe("parked calls", () => {
  const told = [
    { view: { queue: "damrong", parked: [call(1, "nok"), call(4, "somchai")] }, at: 5 },
    { view: { queue: "gcc", parked: [call(2, "nok"), call(3, "somchai")] }, at: 5 },
  ];

  it("of one's own queues and one's own, the own ones first", () => {
    expect(theirs(told, "somchai", ["damrong"]).map(({ call: { place } }) => place)).toEqual([3, 4, 1]);
  });

  it("nothing of other queues", () => {
    expect(theirs(told, "malee", ["night"])).toEqual([]);
  });

  it("a place has two digits", () => {
    expect([placed(1), placed(20)]).toEqual(["01", "20"]);
  });
});
