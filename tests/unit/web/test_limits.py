"""Token buckets: so many at once, then one more in a while."""

from callcenter.web.limits import KEPT_MOST, TokenBuckets


class Hand:
    """A clock's hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again() -> None:
    hand = Hand()
    buckets = TokenBuckets(capacity=2, refill_seconds=10, monotonic=hand)
    assert [buckets.take("a"), buckets.take("a")] == [0, 0]
    assert buckets.take("a") == 10
    assert buckets.take("b") == 0
    hand.now = 4
    assert buckets.take("a") == 6
    hand.now = 10
    assert buckets.take("a") == 0
    assert buckets.take("a") == 10
    hand.now = 1_000
    assert [buckets.take("a"), buckets.take("a")] == [0, 0]
    assert buckets.take("a") == 10


def test_what_is_given_back_counts_for_nothing() -> None:
    buckets = TokenBuckets(capacity=1, refill_seconds=10, monotonic=Hand())
    for _ in range(5):
        assert buckets.take("a") == 0
        buckets.give_back("a")
    buckets.give_back("a")
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0


def test_a_million_names_do_not_fill_the_memory() -> None:
    buckets = TokenBuckets(capacity=1, refill_seconds=10, monotonic=Hand())
    buckets.take("first")
    for number in range(KEPT_MOST):
        buckets.take(str(number))
    assert len(buckets._buckets) == KEPT_MOST
    assert buckets.take("first") == 0
    assert buckets.take(str(KEPT_MOST - 1)) > 0
