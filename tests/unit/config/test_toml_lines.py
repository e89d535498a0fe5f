"""The line of every key, whatever the way TOML lets it be written."""

from callcenter.config.toml_lines import line_of, lines_of_keys

TEXT = '''# a comment = with an equals sign
top = 1

[a.b]        # a header with a comment
c = """
[not.a.table]
key = "of the string"
"""
"d.e" = { f = 1 }
g . h = [ # opened
  "[x]",
  2,
]
[[many]]
i = 1
[many.sub]
j = 1
[[many]]
i = 2
'''


def test_every_key_has_the_line_it_stands_on() -> None:
    lines = lines_of_keys(TEXT)
    assert lines == {
        ("top",): 2,
        ("a", "b"): 4,
        ("a", "b", "c"): 5,
        ("a", "b", "d.e"): 9,
        ("a", "b", "d.e", "f"): 9,
        ("a", "b", "g"): 10,
        ("a", "b", "g", "h"): 10,
        ("many", 0): 14,
        ("many", 0, "i"): 15,
        ("many", 0, "sub"): 16,
        ("many", 0, "sub", "j"): 17,
        ("many", 1): 18,
        ("many", 1, "i"): 19,
    }


def test_what_is_not_written_is_blamed_on_the_table_around_it() -> None:
    lines = lines_of_keys(TEXT)
    assert line_of(("a", "b", "missing"), lines) == 4
    assert line_of(("a", "b", "g", "h", 1), lines) == 10
    assert line_of(("nowhere",), lines) == 1


def test_a_table_that_only_others_name_is_at_the_first_of_them() -> None:
    lines = lines_of_keys("a = 1\n\n[queue.x]\nb = 1\n[queue.y]\n")
    assert line_of(("queue",), lines) == 3
